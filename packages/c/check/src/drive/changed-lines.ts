// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'
import type { LineRange } from '../judge/entries.ts'

/**
 * For each of two versions of a text, the lines that the other version does not have. Where lines were only removed,
 * the adjacent lines count as changed.
 */
export function changedLines(
  before: string,
  after: string,
): { before: readonly LineRange[]; after: readonly LineRange[] } {
  const ranges = { before: [] as LineRange[], after: [] as LineRange[] }
  let [left, right] = [1, 1]
  let gone = 0
  let come = 0
  const close = (): void => {
    if (gone === 0 && come === 0) return
    ranges.before.push(rangeOf(left, gone))
    ranges.after.push(rangeOf(right, come))
    left += gone
    right += come
    gone = 0
    come = 0
  }
  for (const part of diffArrays(before.split('\n'), after.split('\n'))) {
    if (part.removed) gone += part.count
    else if (part.added) come += part.count
    else {
      close()
      left += part.count
      right += part.count
    }
  }
  close()
  return ranges
}

/** The range of lines; if it is empty, the line before it and the line after it. */
function rangeOf(first: number, count: number): LineRange {
  return count > 0 ? { first, last: first + count - 1 } : { first: Math.max(first - 1, 1), last: first }
}
