// SPDX-License-Identifier: GPL-2.0-only
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPackages, hashOf } from '@pfo-workbench/variant'

/** The packages whose code decides what a run is found to be. */
const decisive = ['patch', 'variant', 'scenario', 'oracle', 'compare'].map((name) => `@pfo-workbench/${name}`)

function* codeIn(folder: string): Generator<string, void, undefined> {
  if (!existsSync(folder)) return
  const entries = readdirSync(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* codeIn(path)
    else if (/(?<!\.d)\.(ts|js)$/.test(entry.name)) yield* [entry.name, readFileSync(path, 'utf8')]
  }
}

/** This package, from whose folder the others are found. Its own name does not resolve from everywhere. */
const own = join(import.meta.dirname, '../..')

/**
 * Identity of the workbench's own code: what it is written as, what it runs as, the exact versions of the packages it uses,
 * and of Node. Results of another one are of no use.
 */
export function toolVersion(): string {
  const folders = findPackages(
    decisive.filter((name) => !name.endsWith('/compare')),
    own,
  ).map(({ dir }) => dir)
  return hashOf([
    process.version,
    ...[...folders, own].flatMap((folder) => [
      readFileSync(join(folder, 'package.json'), 'utf8'),
      ...codeIn(join(folder, 'src')),
      ...codeIn(join(folder, 'dist')),
    ]),
  ])
}
