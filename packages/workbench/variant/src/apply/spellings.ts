// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '@pfo-workbench/patch'

/** A path and the folders above it. */
function* partsOf(path: string): Generator<string, void, undefined> {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) yield path.slice(0, end)
  yield path
}

/**
 * How the files and folders of a stack of patches are written. Some file systems take names that differ only in case for one
 * name: what such a patch comes to would depend on the machine.
 */
export class Spellings {
  readonly #known = new Map<string, string>()

  /** @param paths - files that are there before the first patch; no two of them differ only in case */
  constructor(paths: Iterable<string>) {
    for (const path of paths) this.#add(path)
  }

  /** The other spelling of a path or of a folder above it, or null; a path without one is known from now on. */
  #add(path: string): { readonly part: string; readonly other: string } | null {
    for (const part of partsOf(path)) {
      const key = part.toLowerCase()
      const other = this.#known.get(key) ?? part
      if (other !== part) return { part, other }
      this.#known.set(key, part)
    }
    return null
  }

  /** What is wrong with the names in a patch, or null. */
  faultOf(files: readonly FileChange[]): { readonly status: 'invalid'; readonly reason: string } | null {
    for (const { path, oldPath } of files) {
      const clash = (oldPath === null ? null : this.#add(oldPath)) ?? this.#add(path)
      if (clash === null) continue
      const { part, other } = clash
      return {
        status: 'invalid',
        reason: `'${part}' differs from '${other}' only in case: not every file system keeps them apart. Accepted: names that differ otherwise.`,
      }
    }
    return null
  }
}
