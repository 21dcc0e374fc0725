// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Hash of the code in folders: names and contents of all files below them. */
export function hashOfCode(folders: readonly string[]): string {
  const hash = createHash('sha256')
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    for (const name of names.filter((one) => /(?<!\.d)\.(ts|js)$/.test(one)).sort())
      hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex')
}

let known: string | null = null

/**
 * Hash of the running code of this package and of the package that reads trees. Part of the key of everything that this
 * package caches, because other code may compute something else.
 */
export function ownCode(): string {
  const trees = fileURLToPath(import.meta.resolve('@pfo-workbench/kernel-tree'))
  return (known ??= hashOfCode([import.meta.dirname, dirname(trees)]))
}
