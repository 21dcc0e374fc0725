// SPDX-License-Identifier: GPL-2.0-only
import type { FileChange } from '@pfo-workbench/patch'

/** A path and its parent folders. */
function* partsOf(path: string): Generator<string, void, undefined> {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) yield path.slice(0, end)
  yield path
}

/**
 * Detects patches whose paths differ from existing ones only in case. Some file systems treat such names as equal, so
 * the result would depend on the machine.
 */
export class Spellings {
  readonly #known = new Map<string, string>()

  /** @param paths - the files before the first patch; no two of them differ only in case */
  constructor(paths: Iterable<string>) {
    for (const path of paths) this.#add(path)
  }

  /**
   * Returns the other spelling of a path or of one of its folders, or null. A path without another spelling is added.
   */
  #add(path: string): { readonly part: string; readonly other: string } | null {
    for (const part of partsOf(path)) {
      const key = part.toLowerCase()
      const other = this.#known.get(key) ?? part
      if (other !== part) return { part, other }
      this.#known.set(key, part)
    }
    return null
  }

  /** Returns the fault of a patch's file names, or null. The later patches are compared with these names too. */
  faultOf(files: readonly FileChange[]): { readonly status: 'invalid'; readonly reason: string } | null {
    for (const { path, oldPath } of files) {
      const clash = (oldPath === null ? null : this.#add(oldPath)) ?? this.#add(path)
      if (clash === null) continue
      const { part, other } = clash
      return {
        status: 'invalid',
        reason: `'${part}' differs from '${other}' only in case: some file systems treat them as equal. Accepted: names that differ in more than case.`,
      }
    }
    return null
  }
}
