// SPDX-License-Identifier: GPL-2.0-only
import { diffArrays } from 'diff'

/** Consecutive console lines with the same diff status. */
export interface ConsoleSpan {
  readonly status: 'same' | 'added' | 'removed'
  readonly lines: readonly string[]
}

/** Aligns a variant's console with the unpatched kernel's. */
export function consoleDiff(before: readonly string[], after: readonly string[]): ConsoleSpan[] {
  return diffArrays([...before], [...after]).map(({ value, added, removed }) => ({
    status: added ? 'added' : removed ? 'removed' : 'same',
    lines: value,
  }))
}
