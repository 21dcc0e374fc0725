// SPDX-License-Identifier: GPL-2.0-only
import { readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import {
  applyPatch,
  explainResult,
  reversedPatch,
  type PatchResult,
  type PatchSeries,
} from '@pfo-workbench/patch'

/** Result of applying patches: a tree with all of them, or the reason why one does not apply. */
export type Applied =
  | {
      readonly status: 'applied'
      readonly tree: KernelTree
      /** Original text of each changed file; null for a file that the patches add. */
      readonly before: ReadonlyMap<string, string | null>
    }
  | { readonly status: 'not-applied'; readonly reason: string }

/** Explains why a patch was not applied. */
function reasonFor(result: PatchResult, { source }: PatchSeries, subject: string, revert: boolean): string {
  const what = `${source}: "${subject}"`
  if (result.state === 'already-applied')
    return revert
      ? `${what} is not in this tree, so it cannot be reverted`
      : `${what} is in this tree already; --revert plays the tree without it`
  const why = explainResult(result, source) ?? 'it does not apply'
  return `${what} ${revert ? 'cannot be reverted' : 'does not apply'}:\n${why}`
}

/**
 * Applies patches to a tree, strictly and in order. Writes nothing.
 *
 * @param revert - reverts the patches instead, the last one first
 */
export async function applyToTree(
  tree: KernelTree,
  series: readonly PatchSeries[],
  revert: boolean,
): Promise<Applied> {
  const before = new Map<string, string | null>()
  let patched = tree
  const patches = series.flatMap((one) => one.patches.map((patch) => ({ one, patch })))
  for (const { one, patch } of revert ? patches.reverse() : patches) {
    const current = patched
    const result = await applyPatch(revert ? reversedPatch(patch, one.source) : patch, {
      read: async (path) => readText(current, path),
    })
    if (result.state !== 'applied')
      return { status: 'not-applied', reason: reasonFor(result, one, patch.subject, revert) }
    for (const path of result.changed.keys())
      if (!before.has(path)) before.set(path, await readText(tree, path))
    patched = withTexts(patched, result.changed)
  }
  return { status: 'applied', tree: patched, before }
}
