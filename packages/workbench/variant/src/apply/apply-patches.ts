// SPDX-License-Identifier: GPL-2.0-only
import { applyStack, explainResult, type ChangedFiles, type PatchSeries } from '@pfo-workbench/patch'
import { blobId } from '@pfo-workbench/patch/git'
import type { Stack } from '@pfo-workbench/run'
import type { SourceFiles } from '../hash.ts'
import type { MergeFolder } from './merge-folder.ts'
import { Spellings } from './spellings.ts'

/** The sources after a stack of patches was applied. */
export interface PatchedSources {
  readonly status: 'ok'
  /** Changed files with their new text; null for deleted files. */
  readonly changed: ChangedFiles
}

/** The reason why a stack of patches does not apply. */
export interface ApplyFault {
  readonly status: 'conflict' | 'invalid'
  readonly reason: string
}

/**
 * Applies a stack of patches to sources, in memory. Runs git only for files that need a three-way merge.
 *
 * @throws VariantError `merge` if git cannot be used
 * @throws TemporaryFolderError if git needs a folder and none can be created
 */
export async function applyPatches(
  stack: Stack<PatchSeries>,
  sources: SourceFiles,
  folder: MergeFolder,
): Promise<PatchedSources | ApplyFault> {
  const patches = stack.patches.flatMap(({ id, series }) =>
    series.patches.map((patch) => ({ id, source: series.source, patch })),
  )
  const spellings = new Spellings(sources.keys())
  const clashes = patches.map(({ patch }) => spellings.faultOf(patch.files))
  const clash = clashes.findIndex((fault) => fault !== null)
  const named = ({ id, patch }: (typeof patches)[number], reason: string): string =>
    `patch ${id} ('${patch.subject}'): ${reason}`
  const applied = await applyStack(
    patches.slice(0, clash < 0 ? patches.length : clash).map(({ patch }) => patch),
    {
      read: (path) => Promise.resolve(sources.get(path) ?? null),
      merging: { blobId, merge: (texts) => folder.merge(texts) },
    },
  )
  const last = applied.patches.at(-1)
  const failed = patches[applied.patches.length - 1]
  if (last !== undefined && failed !== undefined && last.state !== 'applied') {
    const reason = explainResult(last, failed.source)
    if (reason !== null) return { status: 'conflict', reason: named(failed, reason) }
  }
  const [misspelled, fault] = [patches[clash], clashes[clash]]
  if (misspelled !== undefined && fault != null) return { ...fault, reason: named(misspelled, fault.reason) }
  return { status: 'ok', changed: applied.changed }
}
