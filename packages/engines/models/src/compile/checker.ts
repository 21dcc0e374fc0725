// SPDX-License-Identifier: GPL-2.0-only
import type TS from 'typescript'
import { ts } from './typescript.ts'
import type { SourceFiles } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'
import { TypeContexts } from './type-contexts.ts'
import { virtualPath, VirtualHost } from './virtual-host.ts'

/** Compiler options of model packages: the options of tsconfig.base.json that affect type checks. */
export const compilerOptions: TS.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  declaration: true,
  skipLibCheck: true,
  rewriteRelativeImportExtensions: true,
  noEmit: true,
}

/** Type-checks variants of the same sources. Skips files that were already checked with the same types. */
export class TypeChecker {
  readonly #sources: ModelSources
  readonly #parsed = new Map<string, TS.SourceFile>()
  /** Files, with their types, that passed a check. */
  readonly #right = new Set<string>()
  #unpatched: { readonly program: TS.Program; readonly contexts: TypeContexts } | null = null

  /** @param sources - valid sources; they were checked when they were built */
  constructor(sources: ModelSources) {
    this.#sources = sources
  }

  /**
   * Checks the sources with some files changed.
   *
   * @param files - all sources of the variant
   * @param changed - paths of files that differ from the unpatched sources
   * @returns `file:line: message` for each error, sorted by file and line
   */
  check(files: SourceFiles, changed: readonly string[]): string[] {
    if (this.#unpatched === null) {
      const unpatched = this.#program(this.#sources.files)
      const contexts = new TypeContexts(this.#sources, (path) => unpatched.getSourceFile(virtualPath(path)))
      this.#unpatched = { program: unpatched, contexts }
    }
    const known = new Set(this.#parsed.keys())
    const program = this.#program(files, this.#unpatched.program)
    const contexts = this.#unpatched.contexts.differing(changed, (path) =>
      program.getSourceFile(virtualPath(path)),
    )
    const diagnostics = [...program.getOptionsDiagnostics(), ...program.getSyntacticDiagnostics()]
    for (const { file, context } of contexts) {
      if (this.#right.has(context)) continue
      const found = [...program.getSemanticDiagnostics(file), ...program.getDeclarationDiagnostics(file)]
      if (found.length === 0) this.#right.add(context)
      diagnostics.push(...found)
    }
    for (const version of this.#parsed.keys()) if (!known.has(version)) this.#parsed.delete(version)
    return [...ts.sortAndDeduplicateDiagnostics(diagnostics)].map(describe)
  }

  #program(files: SourceFiles, old?: TS.Program): TS.Program {
    const host = new VirtualHost(files, this.#sources.entries, this.#parsed)
    return ts.createProgram([...files.keys()].map(virtualPath), compilerOptions, host, old)
  }
}

function describe({ file, start, messageText }: TS.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n  ')
  if (file === undefined) return message
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0)
  return `${file.fileName.slice(1)}:${String(line + 1)}: ${message}`
}
