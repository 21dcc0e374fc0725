// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'

/** Title of the list of scenarios that the engine refuses. */
export const leftOutTitle = 'Not played on this kernel'

/** One sentence for each reason why scenarios were left out, with their ids. */
export function leftOutTexts({ leftOut = [] }: Pick<Comparison, 'leftOut'>): string[] {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))]
  return reasons.map((reason) => {
    const ids = leftOut.filter((one) => one.reason === reason).map(({ id }) => id)
    return `${leftOutTitle}: ${ids.join(', ')}: ${reason}`
  })
}
