// SPDX-License-Identifier: GPL-2.0-only
import type { ObjectLife, Position } from '../play/examined-schema.ts'
import { holderIn } from './open-references.ts'

/**
 * Returns the positions of the variant without as many as the unpatched kernel has. For each position of the unpatched
 * kernel, leaves out one of the same step, or otherwise the earliest one.
 */
function beyond(before: readonly Position[], now: readonly Position[]): Position[] {
  const left = [...now]
  let others = 0
  for (const { step } of before) {
    const at = left.findIndex((one) => one.step === step)
    if (at < 0) others += 1
    else left.splice(at, 1)
  }
  return left.slice(others)
}

/** The gets without a put that the variant has and the unpatched kernel does not have. */
export function newlyKept(
  unpatched: ObjectLife | undefined,
  { holders }: Pick<ObjectLife, 'holders'>,
): Position[] {
  return holders.flatMap(({ by, kept }) => beyond(holderIn(unpatched?.holders ?? [], by).kept, kept))
}

/** Like `newlyKept`, but only for functions whose references no other function drops by convention. */
export function newlyLost(unpatched: ObjectLife, { holders }: ObjectLife): Position[] {
  return newlyKept(unpatched, { holders: holders.filter(({ lost }) => lost > 0) })
}

/** The surplus puts of a function that the variant has and the unpatched kernel does not have. */
export function newSurplusPuts(unpatched: ObjectLife, variant: ObjectLife, by: string): Position[] {
  return beyond(holderIn(unpatched.holders, by).surplusPuts, holderIn(variant.holders, by).surplusPuts)
}

/**
 * The largest number of these puts that can each drop a different reference of these gets. A put cannot drop a
 * reference that was taken later.
 */
export function droppable(gets: readonly Position[], puts: readonly Position[]): number {
  const earlier = gets.map(({ seq }) => seq).sort((a, b) => a - b)
  let pairs = 0
  for (const { seq } of [...puts].sort((a, b) => a.seq - b.seq)) if ((earlier[pairs] ?? seq) < seq) pairs += 1
  return pairs
}
