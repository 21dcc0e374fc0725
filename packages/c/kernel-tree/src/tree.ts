// SPDX-License-Identifier: GPL-2.0-only
import type { KernelVersion } from './version.ts'

/** A real folder or file that stands for a path of the tree. */
export interface Mount {
  /** Path in the tree; empty for all of it. */
  readonly path: string
  /** Real, absolute path. One that does not exist hides what a later mount has there. */
  readonly from: string
}

/** Texts that lie over a tree, by path. Null: the file is removed. */
export type Texts = ReadonlyMap<string, string | null>

/** A path that no machine has: a mount from here hides what other mounts have. */
export const nowhere = '/dev/null/nowhere'

/** A kernel tree that can be read, and never written. Paths are relative to its top, with `/`. */
export interface KernelTree {
  /** How reports call it: `6.1.176 (linux-source-6.1)`, or `6.6.0-rc2 (a1b2c3d4e5f6)`. */
  readonly title: string
  readonly version: KernelVersion
  /** Id of the commit, in full; null for a folder. */
  readonly commit: string | null
  /** Names the content, texts on it not counted: the id of git's tree object, or a hash of paths, sizes and times of a folder. */
  readonly id: string
  /** What the user should know about which files are used, one sentence each. */
  readonly notes: readonly string[]
  /** What lies over the files; empty for a tree as it was opened. */
  readonly texts: Texts
  /** The bytes of a file; null if there is no such file, or if it lies outside of the tree behind a symbolic link. */
  read(path: string): Promise<Buffer | null>
  /** Names of what is in a folder, in order; those of folders end with `/`. Empty if there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  /**
   * Makes files real so that a compiler can read them, and says where all files are that were made real until now. The first
   * mount that has a path wins. `texts` are not among them.
   *
   * @param paths - files or folders that will be needed; those that are not in the tree are ignored
   */
  mounts(paths: readonly string[]): Promise<readonly Mount[]>
  /** Ends git and removes what was put into temporary folders. What was put into the cache stays. */
  dispose(): Promise<void>
}

/** The text of a file, or null. Bytes that are no UTF-8 become U+FFFD. */
export async function readText(tree: KernelTree, path: string): Promise<string | null> {
  return (await tree.read(path))?.toString('utf8') ?? null
}

/**
 * Whether a path can be one in a tree: relative, and without parts that lead elsewhere.
 */
export function isTreePath(path: string): boolean {
  return (
    path !== '' &&
    !/[\0\n]/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part !== '.git')
  )
}
