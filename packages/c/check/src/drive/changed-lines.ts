// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'
import type { LineRange } from '../judge/entries.ts'

/**
 * For each of two versions of a text, the lines that the other version does not have. If a version has no lines of its
 * own at a change, the line before and the line after the change count as changed in that version.
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

/** The range of `count` lines; for no lines, the line before `first` and the line `first`. */
function rangeOf(first: number, count: number): LineRange {
  return count > 0 ? { first, last: first + count - 1 } : { first: Math.max(first - 1, 1), last: first }
}
