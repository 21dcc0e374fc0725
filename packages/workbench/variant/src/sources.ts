// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, posix } from 'node:path'
import { VariantError } from './error.ts'
import { messageOf } from './text.ts'

/** An installed model package. */
export interface ModelPackage {
  /** Its npm name, such as `@pfo-workbench/of`. */
  readonly name: string
  /** The folder that holds its package.json and `src`. */
  readonly dir: string
}

/** Source files by the path that patches use for them (`packages/models/of/src/base.ts`), in the order of the paths. */
export type SourceFiles = ReadonlyMap<string, string>

/** The sources of all models, as they are without any patch. */
export interface ModelSources {
  readonly files: SourceFiles
  /** Path of the module that an npm name stands for. */
  readonly entries: ReadonlyMap<string, string>
}

/**
 * Finds installed packages as Node would, from a folder upwards.
 *
 * @param names - npm names
 * @param from - where to start, usually `import.meta.dirname`
 * @throws VariantError `sources` for a package that is not installed
 */
export function findPackages(names: readonly string[], from: string): ModelPackage[] {
  return names.map((name) => {
    for (let folder = from; ; folder = dirname(folder)) {
      const dir = join(folder, 'node_modules', name)
      if (existsSync(join(dir, 'package.json'))) return { name, dir: realpathSync(dir) }
      if (folder === dirname(folder)) break
    }
    throw new VariantError(
      'sources',
      `${name} is not installed: no node_modules/${name} in ${from} or above it.`,
    )
  })
}

/**
 * Reads the sources of model packages.
 *
 * @throws VariantError `sources` when a package has no readable `src/index.ts`
 */
export async function readModelSources(packages: readonly ModelPackage[]): Promise<ModelSources> {
  const files = new Map<string, string>()
  const entries = new Map<string, string>()
  for (const { name, dir } of packages) {
    const root = `packages/models/${basename(dir)}/src`
    try {
      await readTree(join(dir, 'src'), root, files)
    } catch (fault) {
      throw new VariantError('sources', `the sources of ${name} cannot be read: ${messageOf(fault)}`, {
        cause: fault,
      })
    }
    const entry = `${root}/index.ts`
    if (!files.has(entry)) throw new VariantError('sources', `${name} has no src/index.ts in ${dir}.`)
    entries.set(name, entry)
  }
  return { files: sorted(files), entries }
}

async function readTree(folder: string, path: string, files: Map<string, string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const child = posix.join(path, entry.name)
    if (entry.isDirectory()) await readTree(join(folder, entry.name), child, files)
    else if (entry.isFile() && entry.name.endsWith('.ts'))
      files.set(child, await readFile(join(folder, entry.name), 'utf8'))
  }
}

/** The same files in the order of their paths, which no file system or sequence of changes influences. */
export function sorted(files: SourceFiles): SourceFiles {
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A hash that tells texts apart by their sequence and content. */
export function hashOf(texts: Iterable<string>): string {
  const hash = createHash('sha256')
  for (const text of texts) hash.update(`${String(Buffer.byteLength(text))}:`).update(text)
  return hash.digest('hex')
}

/** The identity of sources. */
export function hashFiles(files: SourceFiles): string {
  return hashOf([...sorted(files)].flat())
}
