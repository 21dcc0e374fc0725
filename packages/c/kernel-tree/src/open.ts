// SPDX-License-Identifier: GPL-2.0-only
import { parseTreeArgument } from './argument.ts'
import { KernelTreeError } from './error.ts'
import { beginSurvey, openFolder } from './folder-tree.ts'
import { openCommit } from './git/git-tree.ts'
import { findRepository } from './git/repository.ts'
import type { KernelTree } from './tree.ts'

/** Options of `openKernelTree`. */
export interface OpenOptions {
  /** Folder of the user's cache. Exported parts of commits are stored there by content. Created on demand. */
  readonly cacheFolder: string
}

/**
 * Opens a kernel tree. The argument names a folder, a git repository or a folder in one (HEAD is used), or a commit
 * (`DIR@COMMIT`). A folder inside of a kernel tree stands for that tree.
 *
 * @param argument - as typed; relative to the current folder
 * @throws KernelTreeError whose message is one line: what is wrong and what is accepted
 */
export async function openKernelTree(argument: string, { cacheFolder }: OpenOptions): Promise<KernelTree> {
  const { folder, commit } = parseTreeArgument(argument)
  const repository = findRepository(folder)
  if (repository !== null) return openCommit(repository, folder, { commit, cacheFolder })
  if (commit !== null)
    throw new KernelTreeError('argument', `${folder} is not a git repository, so it has no commit ${commit}`)
  return openFolder(folder)
}

/**
 * Starts the slowest part of opening a folder in a thread, so that the caller can load other code meanwhile. Does
 * nothing for a repository, and for an argument that cannot be opened: `openKernelTree` says why.
 */
export function beginOpening(argument: string): void {
  try {
    const { folder, commit } = parseTreeArgument(argument)
    if (commit === null && findRepository(folder) === null) beginSurvey(folder)
  } catch {
    // The argument is wrong.
  }
}
