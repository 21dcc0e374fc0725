// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { resolveModel } from './policy.ts'
import { hashOf } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'

/** Parses the file of a path; undefined if there is none. Gives the same object for the same text. */
export type Parse = (path: string) => TS.SourceFile | undefined

/** A file with the identity of all that bears on its types. */
export interface FileInContext {
  readonly file: TS.SourceFile
  readonly context: string
}

/** What a file tells others without being asked: a script declares for all, a module can add to what others declare. */
const reachesAll = (file: TS.SourceFile): boolean =>
  !ts.isExternalModule(file) || file.statements.some(ts.isModuleDeclaration)

/** What is written in the comments of a declaration bears on nobody. */
const declaring: TS.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  removeComments: true,
}

/**
 * What the types of files depend on. That is their own text and the declarations of all that they import, directly or not: with
 * `isolatedDeclarations` what a file declares follows from its own text, so that changes inside functions bear on no other file.
 */
export class TypeContexts {
  readonly #sources: ModelSources
  readonly #parseBaseline: Parse
  readonly #imports = new WeakMap<TS.SourceFile, readonly string[]>()
  readonly #declarations = new WeakMap<TS.SourceFile, string>()

  /** @param parseBaseline - gives the files of `sources` */
  constructor(sources: ModelSources, parseBaseline: Parse) {
    this.#sources = sources
    this.#parseBaseline = parseBaseline
  }

  /**
   * The files of a variant whose types may be others than in the baseline.
   *
   * @param changed - paths of files that are there, gone or new
   * @param parse - the files of the variant
   */
  differing(changed: readonly string[], parse: Parse): FileInContext[] {
    const files = new Map(
      [...new Set([...this.#sources.files.keys(), ...changed])].flatMap((path) => {
        const file = parse(path)
        return file === undefined ? [] : [[path, file] as const]
      }),
    )
    const declared = new Map(
      changed.flatMap((path) => {
        const now = this.#declarationOf(files.get(path))
        return now === this.#declarationOf(this.#parseBaseline(path)) ? [] : [[path, now] as const]
      }),
    )
    const everywhere = [...files].flatMap(([path, file]) => (reachesAll(file) ? [path] : []))
    return [...files].flatMap(([path, file]) => {
      const reached = this.#reach([path, ...everywhere], files)
      const others = [...declared].filter(([other]) => other !== path && reached.has(other))
      if (others.length === 0 && !changed.includes(path)) return []
      return [{ file, context: hashOf([path, file.text, ...others.flat()]) }]
    })
  }

  /** All that is imported by these files, directly or not, and they themselves. */
  #reach(paths: readonly string[], files: ReadonlyMap<string, TS.SourceFile>): Set<string> {
    const reached = new Set(paths)
    // What is added on the way is visited too.
    for (const path of reached) {
      const file = files.get(path)
      if (file !== undefined) for (const imported of this.#importsOf(path, file)) reached.add(imported)
    }
    return reached
  }

  #importsOf(path: string, file: TS.SourceFile): readonly string[] {
    const known = this.#imports.get(file)
    if (known !== undefined) return known
    const imports = ts
      .preProcessFile(file.text)
      .importedFiles.flatMap(({ fileName }) => resolveModel(fileName, path, this.#sources.entries) ?? [])
    this.#imports.set(file, imports)
    return imports
  }

  /** What a file declares to those that import it. */
  #declarationOf(file: TS.SourceFile | undefined): string {
    if (file === undefined) return 'there is no such file'
    const known = this.#declarations.get(file)
    if (known !== undefined) return known
    const declaration = file.isDeclarationFile
      ? file.text
      : ts.transpileDeclaration(file.text, { fileName: file.fileName, compilerOptions: declaring }).outputText
    this.#declarations.set(file, declaration)
    return declaration
  }
}
