// SPDX-License-Identifier: GPL-2.0-only
import { changedLines } from './changed-lines.ts'

/**
 * Names of functions and macros that are called in the lines that a patch changes, in either version. The search is
 * textual, so the result also contains keywords such as `if`.
 *
 * @param before - the text before the patch; null if the file does not exist then.
 * @param after - the text after the patch; null if the file does not exist then.
 */
export function changedCalls(before: string | null, after: string | null): ReadonlySet<string> {
  const changed = changedLines(before ?? '', after ?? '')
  const names = new Set<string>()
  for (const [text, ranges] of [
    [before, changed.before],
    [after, changed.after],
  ] as const) {
    const lines = (text ?? '').split('\n')
    for (const { first, last } of ranges) {
      const part = lines.slice(first - 1, last).join('\n')
      for (const [, name = ''] of part.matchAll(/\b(\w+)\s*\(/g)) names.add(name)
    }
  }
  return names
}
