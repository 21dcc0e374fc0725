// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'

/** A pair of items of two aligned lists; one side may be missing. */
export interface Aligned<A, B> {
  readonly recorded: A | undefined
  readonly replayed: B | undefined
  readonly agrees: boolean
}

/**
 * Aligns two lists so that as many items as possible agree in order (longest common subsequence). Items between two
 * agreements are paired, so that a changed item is one difference, not two.
 */
export function align<A, B>(
  recorded: readonly A[],
  replayed: readonly B[],
  agrees: (a: A, b: B) => boolean,
): Aligned<A, B>[] {
  const parts = diffArrays<A | B>([...recorded], [...replayed], {
    // The left item always comes from the first list.
    comparator: (a, b) => agrees(a as A, b as B),
  })
  const result: Aligned<A, B>[] = []
  let [i, j] = [0, 0]
  const pair = (recordedCount: number, replayedCount: number, agree: boolean): void => {
    for (let k = 0; k < Math.max(recordedCount, replayedCount); k++) {
      result.push({
        recorded: k < recordedCount ? recorded[i + k] : undefined,
        replayed: k < replayedCount ? replayed[j + k] : undefined,
        agrees: agree,
      })
    }
    i += recordedCount
    j += replayedCount
  }
  let [onlyRecorded, onlyReplayed] = [0, 0]
  for (const { added, removed, count } of parts) {
    if (removed) onlyRecorded += count
    else if (added) onlyReplayed += count
    else {
      pair(onlyRecorded, onlyReplayed, false)
      pair(count, count, true)
      onlyRecorded = 0
      onlyReplayed = 0
    }
  }
  pair(onlyRecorded, onlyReplayed, false)
  return result
}
