// SPDX-License-Identifier: GPL-2.0-only

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
  const lengths = commonLengths(recorded, replayed, agrees)
  const result: Aligned<A, B>[] = []
  let onlyRecorded: A[] = []
  let onlyReplayed: B[] = []
  const flush = (): void => {
    for (let i = 0; i < Math.max(onlyRecorded.length, onlyReplayed.length); i++) {
      result.push({ recorded: onlyRecorded[i], replayed: onlyReplayed[i], agrees: false })
    }
    onlyRecorded = []
    onlyReplayed = []
  }
  let i = 0
  let j = 0
  while (i < recorded.length || j < replayed.length) {
    const a = recorded[i]
    const b = replayed[j]
    if (a !== undefined && b !== undefined && agrees(a, b)) {
      flush()
      result.push({ recorded: a, replayed: b, agrees: true })
      i++
      j++
    } else if (b === undefined || (a !== undefined && at(lengths, i + 1, j) >= at(lengths, i, j + 1))) {
      if (a !== undefined) onlyRecorded.push(a)
      i++
    } else {
      onlyReplayed.push(b)
      j++
    }
  }
  flush()
  return result
}

/** `lengths[i][j]`: length of the longest common subsequence of the items from `i` and from `j` on. */
function commonLengths<A, B>(
  recorded: readonly A[],
  replayed: readonly B[],
  agrees: (a: A, b: B) => boolean,
): number[][] {
  const lengths = Array.from({ length: recorded.length + 1 }, () =>
    new Array<number>(replayed.length + 1).fill(0),
  )
  for (const [i, a] of [...recorded.entries()].reverse()) {
    for (const [j, b] of [...replayed.entries()].reverse()) {
      const row = lengths[i] ?? []
      row[j] = agrees(a, b)
        ? at(lengths, i + 1, j + 1) + 1
        : Math.max(at(lengths, i + 1, j), at(lengths, i, j + 1))
    }
  }
  return lengths
}

function at(lengths: readonly (readonly number[])[], i: number, j: number): number {
  return lengths[i]?.[j] ?? 0
}
