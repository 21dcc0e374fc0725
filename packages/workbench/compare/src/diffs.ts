// SPDX-License-Identifier: GPL-2.0-only
import type { PatchDiff } from './comparison.ts'
import type { Stack } from './stacks.ts'

/** Returns the commit messages and diffs of a stack's patches, as in the mails. */
export function diffsOf(stack: Stack): PatchDiff[] {
  return stack.patches.flatMap(({ id, series }) =>
    series.patches.map(({ subject, author, date, mail, body, diff }) => ({
      id,
      subject,
      author,
      date,
      mail,
      body,
      text: diff,
    })),
  )
}
