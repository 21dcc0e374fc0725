// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { resolveModel } from './policy.ts'
import { hashOf } from '@pfo-workbench/code'
import type { ModelSources } from '../sources.ts'

/** Parses the file at a path; undefined if there is none. Returns the same object for the same text. */
export type Parse = (path: string) => TS.SourceFile | undefined

/** A file, and the identity of everything that its types depend on. */
export interface FileInContext {
  readonly file: TS.SourceFile
  readonly context: string
}

/**
 * True if a file affects other files without being imported: a script declares globals, and a module can augment other
 * modules.
 */
const reachesAll = (file: TS.SourceFile): boolean =>
  !ts.isExternalModule(file) || file.statements.some(ts.isModuleDeclaration)

/** Compiler options for making declarations. Their comments are left out, because they have no effect on types. */
const declaring: TS.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  removeComments: true,
}

/**
 * Computes what the types of files depend on: their own text and the declarations of all files that they import,
 * directly or indirectly. With `isolatedDeclarations`, the declarations of a file follow from its text alone. Changes
 * inside functions therefore affect no other file.
 */
export class TypeContexts {
  readonly #sources: ModelSources
  readonly #parseBaseline: Parse
  readonly #imports = new WeakMap<TS.SourceFile, readonly string[]>()
  readonly #declarations = new WeakMap<TS.SourceFile, string>()

  /** @param parseBaseline - parses the files of `sources` */
  constructor(sources: ModelSources, parseBaseline: Parse) {
    this.#sources = sources
    this.#parseBaseline = parseBaseline
  }

  /**
   * Files of a variant whose types may differ from the unpatched sources.
   *
   * @param changed - paths of changed, deleted and new files
   * @param parse - parses the files of the variant
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

  /** The given files and all files that they import, directly or indirectly. */
  #reach(paths: readonly string[], files: ReadonlyMap<string, TS.SourceFile>): Set<string> {
    const reached = new Set(paths)
    // The loop also visits paths that are added during the iteration.
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

  /** Declarations that a file exports to its importers. */
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
