// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { VariantError } from './error.ts'
import { hashOf } from './hash.ts'

/** An installed package. */
export interface InstalledPackage {
  /** Its npm name. */
  readonly name: string
  /** The folder that holds its package.json. */
  readonly dir: string
}

/**
 * Finds installed packages like Node does, from a folder upwards.
 *
 * @param names - npm names
 * @param from - where to start, usually `import.meta.dirname`
 * @throws VariantError `sources` if a package is not installed
 */
export function findPackages(names: readonly string[], from: string): InstalledPackage[] {
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

/** Scope of the workbench's own packages. A package.json pins all other dependencies to an exact version. */
const ownScope = '@pfo-workbench/'

/** Returns the folder of a package, and those of all workbench packages that it depends on, directly or indirectly. */
function withDependencies(dir: string, found: Set<string>): Set<string> {
  if (found.has(dir)) return found
  found.add(dir)
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const names = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith(ownScope))
  for (const dependency of findPackages(names, dir)) withDependencies(dependency.dir, found)
  return found
}

function* codeIn(folder: string): Generator<string, void, undefined> {
  if (!existsSync(folder)) return
  const entries = readdirSync(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* codeIn(path)
    else if (/(?<!\.d)\.(ts|js)$/.test(entry.name)) yield* [entry.name, readFileSync(path, 'utf8')]
  }
}

/**
 * Returns a hash of a package's code: sources and compiled files of the package and of all workbench packages that it
 * depends on, the exact versions of other dependencies, and the version of Node. Results of code with another hash may
 * differ.
 *
 * @param dir - the folder of the package
 */
export function codeIdentity(dir: string): string {
  const folders = [...withDependencies(realpathSync(dir), new Set())].sort()
  return hashOf([
    process.version,
    ...folders.flatMap((folder) => [
      readFileSync(join(folder, 'package.json'), 'utf8'),
      ...codeIn(join(folder, 'src')),
      ...codeIn(join(folder, 'dist')),
    ]),
  ])
}
