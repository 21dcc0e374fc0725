// SPDX-License-Identifier: GPL-2.0-only
import { basename, dirname, normalize } from 'node:path'
import type TS from 'typescript'
import { ts } from './compiler.ts'
import { resolveModel } from './policy.ts'
import { hashOf, type ModelSources, type SourceFiles } from './sources.ts'

/** The compiler options of model packages: those of tsconfig.base.json, as far as they bear on checking. */
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

/** The sources stand at the root of a file system that exists only here. */
const virtual = (path: string): string => `/${path}`

const libFolder = normalize(dirname(ts.getDefaultLibFilePath(compilerOptions)))

const isLib = (fileName: string): boolean =>
  dirname(normalize(fileName)) === libFolder && /^lib\..*d\.ts$/.test(basename(fileName))

/** What the compiler sees instead of a disk: the sources, TypeScript's own library, and nothing else. */
class VirtualHost implements TS.CompilerHost {
  readonly #files: SourceFiles
  readonly #entries: ModelSources['entries']
  /** Parsed files by name and content, shared by all hosts of a checker: unchanged files are parsed once. */
  readonly #parsed: Map<string, TS.SourceFile>

  constructor(files: SourceFiles, entries: ModelSources['entries'], parsed: Map<string, TS.SourceFile>) {
    this.#files = files
    this.#entries = entries
    this.#parsed = parsed
  }

  readFile(fileName: string): string | undefined {
    if (fileName === '/package.json') return '{"type":"module"}'
    return isLib(fileName) ? ts.sys.readFile(fileName) : this.#files.get(fileName.slice(1))
  }

  fileExists(fileName: string): boolean {
    return this.readFile(fileName) !== undefined
  }

  getSourceFile(
    fileName: string,
    options: TS.ScriptTarget | TS.CreateSourceFileOptions,
  ): TS.SourceFile | undefined {
    // TypeScript's library never changes; of the sources, what is known must have the same text.
    const text = isLib(fileName) ? undefined : this.readFile(fileName)
    const version = hashOf([fileName, text ?? ''])
    const known = this.#parsed.get(version)
    if (known !== undefined) return known
    const content = text ?? this.readFile(fileName)
    if (content === undefined) return undefined
    // The builder tells changed files by this property, which the public type does not have.
    const file = Object.assign(ts.createSourceFile(fileName, content, options), { version })
    this.#parsed.set(version, file)
    return file
  }

  resolveModuleNameLiterals(
    literals: readonly TS.StringLiteralLike[],
    containingFile: string,
  ): TS.ResolvedModuleWithFailedLookupLocations[] {
    return literals.map(({ text }) => {
      const path = resolveModel(text, containingFile.slice(1), this.#entries)
      if (path === null || !this.#files.has(path)) return { resolvedModule: undefined }
      return {
        resolvedModule: {
          resolvedFileName: virtual(path),
          extension: ts.Extension.Ts,
          isExternalLibraryImport: false,
          resolvedUsingTsExtension: text.startsWith('.'),
        },
      }
    })
  }

  getDefaultLibFileName(options: TS.CompilerOptions): string {
    return ts.getDefaultLibFilePath(options)
  }

  getDefaultLibLocation(): string {
    return libFolder
  }

  writeFile(): void {
    throw new Error('the checker emits nothing')
  }

  getCurrentDirectory(): string {
    return '/'
  }

  getCanonicalFileName(fileName: string): string {
    return fileName
  }

  useCaseSensitiveFileNames(): boolean {
    return true
  }

  getNewLine(): string {
    return '\n'
  }

  directoryExists(): boolean {
    return true
  }

  getDirectories(): string[] {
    return []
  }
}

/** Type-checks variants of the same sources, each against what is already known of the baseline. */
export class TypeChecker {
  readonly #sources: ModelSources
  readonly #parsed = new Map<string, TS.SourceFile>()
  #baseline: TS.SemanticDiagnosticsBuilderProgram | null = null

  constructor(sources: ModelSources) {
    this.#sources = sources
  }

  /**
   * Checks the sources with some files changed.
   *
   * @param files - all sources of the variant
   * @param changed - paths of those that differ from the baseline
   * @returns `file:line: message` for each error, in the order of files and lines
   */
  check(files: SourceFiles, changed: Iterable<string>): string[] {
    if (this.#baseline === null) {
      this.#baseline = this.#program(this.#sources.files, null)
      this.#baseline.getSemanticDiagnostics()
    }
    const known = new Set(this.#parsed.keys())
    const program = this.#program(files, this.#baseline)
    const diagnostics = [
      ...program.getOptionsDiagnostics(),
      ...program.getSyntacticDiagnostics(),
      ...program.getSemanticDiagnostics(),
      ...[...changed].flatMap((path) => {
        const file = program.getSourceFile(virtual(path))
        return file === undefined ? [] : program.getDeclarationDiagnostics(file)
      }),
    ]
    for (const version of this.#parsed.keys()) if (!known.has(version)) this.#parsed.delete(version)
    return [...ts.sortAndDeduplicateDiagnostics(diagnostics)].map(describe)
  }

  #program(
    files: SourceFiles,
    old: TS.SemanticDiagnosticsBuilderProgram | null,
  ): TS.SemanticDiagnosticsBuilderProgram {
    const host = new VirtualHost(files, this.#sources.entries, this.#parsed)
    return ts.createSemanticDiagnosticsBuilderProgram(
      [...files.keys()].map(virtual),
      compilerOptions,
      host,
      old ?? undefined,
    )
  }
}

function describe({ file, start, messageText }: TS.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n  ')
  if (file === undefined) return message
  const { line } = file.getLineAndCharacterOfPosition(start ?? 0)
  return `${file.fileName.slice(1)}:${String(line + 1)}: ${message}`
}
