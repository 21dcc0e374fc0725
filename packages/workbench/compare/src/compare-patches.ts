// SPDX-License-Identifier: GPL-2.0-only
import { patchId } from '@pfo-workbench/patch'
import { readInput } from '@pfo-workbench/patch/files'
import { compare, type CompareOptions } from './compare.ts'
import type { Comparison } from './comparison.ts'
import { stackOfPatches, type PatchReader, type Stack } from './stacks.ts'

/** A patch: the path of its file, or its text and id. */
export type PatchSource = string | { readonly id: string; readonly text: string | Uint8Array }

/** The inputs and options of a comparison. */
export interface ComparePatchesOptions extends Omit<CompareOptions, 'stacks'> {
  /** The patches. Each entry is a variant; a list of patches is one variant, in order of application. */
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
 * Reads patches from files or texts, plays the scenarios on the unpatched kernel and on the patches, and compares the
 * results. When it returns or throws, all processes that it started have ended.
 *
 * @throws PatchError for a patch that cannot be read
 * @throws StackError if two variants have the same id, or if a list of patches is empty or names a patch twice
 * @throws NoPlayableScenarioError if the engine can play none of the scenarios
 * @throws CompareError if the unpatched kernel cannot be played in a scenario
 * @throws BootError if the unpatched kernel does not boot
 * @throws VariantError if no variant can be built; a fault of a single patch becomes the status of its variant
 * @throws the signal's reason if it is aborted
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
