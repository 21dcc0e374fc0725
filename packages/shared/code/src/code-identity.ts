// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { findPackage } from './find-package.ts'
import { hashOf } from './hash.ts'

/**
 * Scope of the workbench's own packages. The code of other dependencies is not hashed: a package.json pins them to an
 * exact version, and the package.json is hashed.
 */
const ownScope = '@pfo-workbench/'

/** Returns the folder of a package, and those of all workbench packages that it depends on, directly or indirectly. */
function withDependencies(dir: string, found: Set<string>): Set<string> {
  if (found.has(dir)) return found
  found.add(dir)
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>
  }
  const names = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith(ownScope))
  for (const name of names) {
    const dependency = findPackage(name, dir)
    if (dependency === null)
      throw new Error(`${name} is not installed: no node_modules/${name} in ${dir} or above it.`)
    withDependencies(dependency, found)
  }
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
 * @throws Error if a workbench package that it depends on is not installed
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
