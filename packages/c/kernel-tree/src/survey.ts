// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, realpathSync } from 'node:fs'
import { sep } from 'node:path'

/** Result of a walk through a folder. */
export interface Survey {
  /** Hash over paths, sizes and times. */
  readonly id: string
  /** Symbolic links that point out of the folder, or are dangling. */
  readonly leaving: readonly string[]
}

/** True if a path is a folder, or in it. */
export const isInside = (root: string, place: string): boolean =>
  place === root || place.startsWith(root + sep)

function staysInside(root: string, path: string): boolean {
  try {
    return isInside(root, realpathSync(`${root}/${path}`))
  } catch {
    return false
  }
}

/**
 * Looks at all files of a folder, `.git` excepted. A kernel has 80,000, so paths are joined and hashed in the cheapest
 * way.
 *
 * @param root - absolute path without symbolic links
 * @throws the system's error for a folder or file that cannot be read
 */
export function survey(root: string): Survey {
  const hash = createHash('sha256').update(root)
  const leaving: string[] = []
  /** @param prefix - the folder with its slash; empty for the root */
  const walk = (prefix: string): void => {
    const entries = readdirSync(`${root}/${prefix}`, { withFileTypes: true })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    let facts = ''
    for (const entry of entries) {
      const path = prefix + entry.name
      if (entry.name === '.git') continue
      if (entry.isDirectory()) walk(`${path}/`)
      else {
        if (entry.isSymbolicLink() && !staysInside(root, path)) leaving.push(path)
        const { size, mtimeMs } = lstatSync(`${root}/${path}`)
        facts += `\0${path}\0${String(size)} ${String(mtimeMs)}`
      }
    }
    hash.update(facts)
  }
  walk('')
  return { id: hash.digest('hex'), leaving }
}
