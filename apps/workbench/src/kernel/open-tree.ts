// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { cacheFolder } from '@pfo-workbench/compare'
import { limitKernelCache } from '@pfo-workbench/engine-c'
import {
  KernelTreeError,
  openKernelTree,
  parseTreeArgument,
  type KernelTree,
} from '@pfo-workbench/kernel-tree'
import type { PatchSeries } from '@pfo-workbench/patch'

/**
 * Folder of cached objects and configurations. Entries are addressed by content, so trees and versions can share it.
 */
export function kernelCacheFolder(): string {
  return join(cacheFolder(process.env), 'kernel')
}

/** A tree, and notes about it for the user. */
export interface OpenedTree {
  readonly tree: KernelTree
  readonly notes: readonly string[]
}

/**
 * Opens the tree that the user names. If the user names no commit, and the patches have a `base-commit:` that the
 * repository contains, opens that commit. First brings the cache below its size limit; therefore every command must use
 * this function to open its tree.
 *
 * @param argument - `DIR` or `DIR@COMMIT`
 * @throws KernelTreeError
 */
export async function openTree(
  argument: string,
  series: readonly PatchSeries[],
  cacheFolder: string,
): Promise<OpenedTree> {
  await limitKernelCache(cacheFolder)
  const { folder, commit } = parseTreeArgument(argument)
  const base = series.find(({ baseCommit }) => baseCommit !== null)?.baseCommit ?? null
  const missing: string[] = []
  if (commit === null && base !== null) {
    try {
      const tree = await openKernelTree(`${folder}@${base}`, { cacheFolder })
      return { tree, notes: [`using commit ${base.slice(0, 12)}, for which the patch was made`] }
    } catch (fault) {
      if (!(fault instanceof KernelTreeError)) throw fault
      const commit = `commit ${base.slice(0, 12)}, for which the patch was made`
      if (fault.code === 'commit') missing.push(`using HEAD: the repository does not have ${commit}`)
      // A folder without git has no commits. The patch must then fit the folder.
      else if (fault.code !== 'argument') missing.push(`using HEAD, not ${commit}: ${fault.message}`)
    }
  }
  const tree = await openKernelTree(argument, { cacheFolder })
  return { tree, notes: [...missing, ...tree.notes] }
}
