// SPDX-License-Identifier: GPL-2.0-only
import type { CheckedPatch, PatchedFile, PatchToCheck } from '@pfo-workbench/check'
import { readText, withTexts, type KernelTree } from '@pfo-workbench/kernel-tree'
import {
  applyPatch,
  explainResult,
  idOfSubject,
  reversedPatch,
  type Patch,
  type PatchSeries,
} from '@pfo-workbench/patch'

/** A patch that is ready to check, or the result for a patch that can be neither applied nor reverted. */
export type Prepared =
  | { readonly status: 'ready'; readonly patch: PatchToCheck }
  | { readonly status: 'refused'; readonly result: CheckedPatch }

/**
 * Applies the patches of a series strictly, each on top of the previous ones. If the tree already contains a patch,
 * reverts it to get the text before the patch. Writes nothing.
 *
 * @param parts - the inputs that contain the series, in order.
 */
export async function preparePatches(tree: KernelTree, parts: readonly PatchSeries[]): Promise<Prepared[]> {
  const prepared: Prepared[] = []
  let current = tree
  for (const { patch, source } of patchesOf(parts)) {
    const head = { id: idOfSubject(patch), title: patch.subject === '' ? source : patch.subject }
    const read = async (path: string): Promise<string | null> => readText(current, path)
    const result = await applyPatch(patch, { read })
    if (result.state === 'applied') {
      const after = withTexts(current, result.changed)
      prepared.push({
        status: 'ready',
        patch: { ...head, state: 'applied', files: await filesOf(tree, current, after) },
      })
      current = after
    } else if (result.state === 'already-applied') {
      const back = await applyPatch(reversedPatch(patch, source), { read })
      prepared.push(
        back.state === 'applied'
          ? {
              status: 'ready',
              patch: {
                ...head,
                state: 'already-applied',
                files: await filesOf(tree, withTexts(current, back.changed), current),
              },
            }
          : refused(
              head,
              'conflict',
              'the tree already contains the patch, but the patch cannot be reverted',
            ),
      )
    } else {
      const state = result.state === 'elsewhere' ? 'elsewhere' : 'conflict'
      prepared.push(refused(head, state, explainResult(result, source) ?? 'it does not apply'))
    }
  }
  return prepared
}

/** The patches of a series, each with the input that contains it. */
export function patchesOf(parts: readonly PatchSeries[]): { patch: Patch; source: string }[] {
  return parts.flatMap(({ patches, source }) => patches.map((patch) => ({ patch, source })))
}

function refused(
  head: { id: string; title: string },
  state: 'conflict' | 'elsewhere',
  reason: string,
): Prepared {
  return { status: 'refused', result: { ...head, state, reason, functions: [], findings: [] } }
}

/** All files whose text before or after the patch differs from the text in the tree. */
async function filesOf(tree: KernelTree, before: KernelTree, after: KernelTree): Promise<PatchedFile[]> {
  const paths = new Set([...before.texts.keys(), ...after.texts.keys()])
  return Promise.all(
    [...paths].sort().map(async (path) => ({
      path,
      before: before === tree ? await readText(tree, path) : await readText(before, path),
      after: await readText(after, path),
    })),
  )
}
