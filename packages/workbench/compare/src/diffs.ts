// SPDX-License-Identifier: GPL-2.0-only
import type { PatchDiff } from './comparison.ts'
import type { Stack } from './stacks.ts'

/** What the patches of a stack change, as commit messages and the diffs as they stand in the mails. */
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
