// SPDX-License-Identifier: GPL-2.0-only
import { patchId } from '@pfo-workbench/patch'
import { readInput } from '@pfo-workbench/patch/files'
import { compare, type CompareOptions } from './compare.ts'
import type { Comparison } from './comparison.ts'
import { stackOfPatches, type PatchReader, type Stack } from './stacks.ts'

/** A patch: the path of its file, or its text with the id that it is to have. */
export type PatchSource = string | { readonly id: string; readonly text: string | Uint8Array }

/** What to compare, and how. */
export interface ComparePatchesOptions extends Omit<CompareOptions, 'stacks'> {
  /** The patches, each a variant of its own; a list of patches is one variant, in the order in which they apply. */
  readonly patches: readonly (PatchSource | readonly PatchSource[])[]
}

type StackPatch = Stack['patches'][number]

async function readPatch(
  source: PatchSource,
  reader: PatchReader,
  signal?: AbortSignal,
): Promise<StackPatch> {
  if (typeof source !== 'string') {
    const { id, text } = source
    return { id, series: reader.readPatch(text, id) }
  }
  const bytes = await readInput(source, signal === undefined ? {} : { signal })
  return { id: patchId(source), series: reader.readPatch(bytes, source) }
}

const isList = (one: PatchSource | readonly PatchSource[]): one is readonly PatchSource[] =>
  Array.isArray(one)

/**
 * Plays scenarios on the unpatched kernel and on patches, and holds the outcomes against each other: the whole way from files or
 * texts to a comparison. When it returns or throws, no process that it started is left.
 *
 * @throws PatchError for a patch that cannot be read
 * @throws SeriesError when two variants have the same id
 * @throws RefusedScenarioError when the engine cannot play a scenario
 * @throws VariantError when variants cannot be built at all; what is wrong with one patch is its variant's status
 * @throws the signal's reason when that is raised
 */
export async function comparePatches({ patches, ...options }: ComparePatchesOptions): Promise<Comparison> {
  const { engine, signal } = options
  signal?.throwIfAborted()
  const stacks: Stack[] = []
  for (const one of patches) {
    const read: StackPatch[] = []
    for (const source of isList(one) ? one : [one]) read.push(await readPatch(source, engine, signal))
    stacks.push(stackOfPatches(read))
  }
  try {
    return await compare({ ...options, stacks })
  } finally {
    await engine.rest?.()
  }
}
