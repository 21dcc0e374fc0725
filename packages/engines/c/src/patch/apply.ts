// SPDX-License-Identifier: GPL-2.0-only
import { readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import { applyStack, explainResult, reversedPatch, type PatchSeries } from '@pfo-workbench/patch'
import { blobId } from '@pfo-workbench/patch/git'
import type { Stack } from '@pfo-workbench/run'
import type { MergeFolder } from '@pfo-workbench/variant'
import { lineEditsOf, type FileEdit } from '../exercise/line-edits.ts'

/** A tree with a stack of patches applied. */
export interface PatchedKernel {
  readonly status: 'ok'
  readonly tree: KernelTree
  /** Changed files with their new text; null for deleted files. */
  readonly changed: ReadonlyMap<string, string | null>
  /** Files that patches added. */
  readonly added: readonly string[]
  readonly edits: readonly FileEdit[]
}

/** The C files that patches changed or added. */
export function sourcesOf(changed: PatchedKernel['changed']): string[] {
  return [...changed].flatMap(([path, text]) => (text !== null && path.endsWith('.c') ? [path] : []))
}

/** Reason why a stack of patches was not applied. */
export interface NotApplied {
  readonly status: 'conflict'
  readonly reason: string
}

/** Options of applying patches. */
export interface ApplyOptions {
  /** Reverts patches that the tree contains, the last one first. */
  readonly revert: boolean
  /** Temporary folder in which git merges texts. */
  readonly folder: MergeFolder
}

/**
 * Applies a stack of patches to a tree, strictly and in memory. Skips patches that the tree already contains. The
 * result is a conflict if a patch does not apply, if the tree already contains all patches, or if no change remains.
 *
 * @throws VariantError `merge` if git cannot be used; TemporaryFolderError if the temporary folder cannot be created
 * @throws PatchError `rename` if a patch to be reverted copies files
 * @throws KernelTreeError if the Makefile has no valid kernel version after a patch
 */
export async function applyToKernel(
  tree: KernelTree,
  stack: Stack<PatchSeries>,
  { revert, folder }: ApplyOptions,
): Promise<PatchedKernel | NotApplied> {
  const given = stack.patches.flatMap(({ id, series }) =>
    series.patches.map((patch) => ({ id, source: series.source, patch })),
  )
  const patches = revert
    ? given.reverse().map((one) => ({ ...one, patch: reversedPatch(one.patch, one.source) }))
    : given
  const before = new Map<string, string | null>()
  const read = async (path: string): Promise<string | null> => {
    let text = before.get(path)
    if (text === undefined) before.set(path, (text = await readText(tree, path)))
    return text
  }
  const applied = await applyStack(
    patches.map(({ patch }) => patch),
    { read, merging: { blobId, merge: async (texts) => folder.merge(texts) } },
  )
  const { changed } = applied
  const last = applied.patches.at(-1)
  const failed = patches[applied.patches.length - 1]
  if (last !== undefined && failed !== undefined && applied.state !== 'applied') {
    const what = `patch ${failed.id} ('${failed.patch.subject}')`
    return { status: 'conflict', reason: reasonFor(what, explainResult(last, failed.source), revert) }
  }
  if (patches.length > 0 && changed.size === 0) {
    return { status: 'conflict', reason: 'the patches of the stack cancel each other out: no change remains' }
  }
  const texts = new Map([...before].flatMap(([path, text]) => (text === null ? [] : [[path, text]])))
  return {
    status: 'ok',
    tree: changed.size === 0 ? tree : withTexts(tree, changed),
    changed,
    added: [...changed].flatMap(([path, text]) => (text !== null && before.get(path) === null ? [path] : [])),
    edits: lineEditsOf(texts, changed),
  }
}

/** @param why - null if the tree already contains the result of the patch */
function reasonFor(what: string, why: string | null, revert: boolean): string {
  if (why !== null) return `${what} ${revert ? 'cannot be reverted: ' : ''}${why}`
  return revert
    ? `${what}: the tree does not contain it, so it cannot be reverted`
    : `${what}: the tree already contains it. --revert plays the tree without it`
}
