// SPDX-License-Identifier: GPL-2.0-only
import { basename, dirname, normalize } from 'node:path'
import type TS from 'typescript'
import { ts } from './typescript.ts'
import { resolveModel } from './policy.ts'
import { hashOf } from '@pfo-workbench/code'
import { type SourceFiles } from '@pfo-workbench/variant'
import type { ModelSources } from '../sources.ts'

/** Path of a source in the virtual file system: sources are at its root. */
export const virtualPath = (path: string): string => `/${path}`

const libFolder = normalize(dirname(ts.getDefaultLibFilePath({})))

const isLib = (fileName: string): boolean =>
  dirname(normalize(fileName)) === libFolder && /^lib\..*d\.ts$/.test(basename(fileName))

/** A file system for the compiler that contains only the sources and TypeScript's own library. */
export class VirtualHost implements TS.CompilerHost {
  readonly #files: SourceFiles
  readonly #entries: ModelSources['entries']
  /** Parsed files by name and content. All hosts of a checker share the map, so unchanged files are parsed once. */
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
    // TypeScript's library never changes. A source is reused only if its text is the same.
    const text = isLib(fileName) ? undefined : this.readFile(fileName)
    const version = hashOf([fileName, text ?? ''])
    const known = this.#parsed.get(version)
    if (known !== undefined) return known
    const content = text ?? this.readFile(fileName)
    if (content === undefined) return undefined
    const file = ts.createSourceFile(fileName, content, options)
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
          resolvedFileName: virtualPath(path),
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
