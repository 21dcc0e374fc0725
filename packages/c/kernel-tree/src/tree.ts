// SPDX-License-Identifier: GPL-2.0-only
import type { KernelVersion } from './version.ts'

/** A real folder or file at a path of the tree. */
export interface Mount {
  /** Path in the tree; empty for the whole tree. */
  readonly path: string
  /** Absolute path in the real file system. `missingPath` hides the file in later mounts. */
  readonly from: string
}

/** Texts that replace files of a tree, by path. Null: the file is removed. */
export type Texts = ReadonlyMap<string, string | null>

/** A read-only kernel tree. Paths are relative to its top, separated by `/`. */
export interface KernelTree {
  /** Name in reports: `6.1.176 (linux-source-6.1)`, or `6.6.0-rc2 (a1b2c3d4e5f6)`. */
  readonly title: string
  readonly version: KernelVersion
  /** Full commit id; null for a folder. */
  readonly commit: string | null
  /**
   * Identifies the content without `texts`: the id of git's tree object, or a hash over paths, sizes and times of a
   * folder.
   */
  readonly id: string
  /** Notes for the user about which files are used, one sentence each. */
  readonly notes: readonly string[]
  /** Texts that replace files; empty for a tree that was just opened. */
  readonly texts: Texts
  /**
   * Returns the content of a file. Null if there is no such file, if a symbolic link leads out of the tree, or if a
   * file of a folder is too large or unreadable.
   *
   * @throws KernelTreeError `repository` if the tree is a commit and git does not return the file
   */
  read(path: string): Promise<Buffer | null>
  /** Returns the sorted names in a folder; names of folders end with `/`. Empty if there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  /**
   * Makes files available to a compiler, and returns the real locations of all files that are available so far. The
   * first mount that has a path wins. `texts` are not included.
   *
   * @param paths - files or folders that will be needed; paths that are not in the tree are ignored
   */
  mounts(paths: readonly string[]): Promise<readonly Mount[]>
  /** Ends git and removes temporary folders. The cache stays. */
  dispose(): Promise<void>
}

/** Reads a file as text; null if there is no such file. Invalid UTF-8 becomes U+FFFD. */
export async function readText(tree: KernelTree, path: string): Promise<string | null> {
  return (await tree.read(path))?.toString('utf8') ?? null
}

/** True if a path is valid in a tree: relative, without `.`, `..`, `.git` or empty parts. */
export function isTreePath(path: string): boolean {
  return (
    path !== '' &&
    !/[\0\n]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git')
  )
}
