// SPDX-License-Identifier: GPL-2.0-only
import { isTreePath } from '../tree.ts'

/** Content of a git tree object, including everything below it. */
export interface Listing {
  /** Ids of regular files, by path. */
  readonly files: ReadonlyMap<string, string>
  /** Ids of folders, by path. */
  readonly folders: ReadonlyMap<string, string>
  /** Sorted names in each folder. Names of folders end with `/`. */
  readonly names: ReadonlyMap<string, readonly string[]>
}

/**
 * Parses the output of `git ls-tree -r -t -z`. Leaves out symbolic links and submodules, and paths that would escape
 * from the folder into which they are exported.
 */
export function parseListing(output: Buffer): Listing {
  const files = new Map<string, string>()
  const folders = new Map<string, string>()
  const names = new Map<string, string[]>([['', []]])
  for (const line of output.toString('utf8').split('\0')) {
    const [, mode, id, path] = /^(\d+) \w+ (\w+)\t([^]*)$/.exec(line) ?? []
    if (mode === undefined || id === undefined || path === undefined || !isTreePath(path)) continue
    const isFolder = mode === '040000'
    if (!isFolder && !mode.startsWith('100')) continue
    const cut = path.lastIndexOf('/')
    const name = path.slice(cut + 1)
    names.get(path.slice(0, Math.max(0, cut)))?.push(isFolder ? `${name}/` : name)
    if (isFolder) {
      folders.set(path, id)
      names.set(path, [])
    } else files.set(path, id)
  }
  for (const list of names.values()) list.sort()
  return { files, folders, names }
}
