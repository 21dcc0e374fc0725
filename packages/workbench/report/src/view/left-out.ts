// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'

/** What the scenarios are called that are not compared. */
export const leftOutTitle = 'Not played on this kernel'

/** The scenarios that the kernel cannot play: a sentence for each reason. */
export function leftOutTexts({ leftOut }: Pick<Comparison, 'leftOut'>): string[] {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))]
  return reasons.map((reason) => {
    const ids = leftOut.filter((one) => one.reason === reason).map(({ id }) => id)
    return `${leftOutTitle}: ${ids.join(', ')}: ${reason}`
  })
}
