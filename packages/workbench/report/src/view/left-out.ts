// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'

/** Heading of the list of scenarios that the engine cannot play. */
export const leftOutTitle = 'Not played on this kernel'

/** One sentence per reason, with the ids of the scenarios that were left out for it. */
export function leftOutTexts({ leftOut = [] }: Pick<Comparison, 'leftOut'>): string[] {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))]
  return reasons.map((reason) => {
    const ids = leftOut.filter((one) => one.reason === reason).map(({ id }) => id)
    return `${leftOutTitle}: ${ids.join(', ')}: ${reason}`
  })
}
