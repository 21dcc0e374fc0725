// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from './status.ts'

/** How many findings there are of each status. */
export interface Tally {
  readonly fixed: number
  readonly kept: number
  readonly introduced: number
  readonly revealed: number
  readonly notReached: number
}

/**
 * Counts findings by status. Every total that is shown anywhere is made by this function. In each cell, and in every sum of
 * cells, `fixed + kept + notReached` is what the unpatched kernel has, and `kept + introduced + revealed` what the variant has.
 */
export function tally(findings: Iterable<{ readonly status: FindingStatus }>): Tally {
  const counts: Record<FindingStatus, number> = {
    fixed: 0,
    kept: 0,
    introduced: 0,
    revealed: 0,
    'not-reached': 0,
  }
  for (const { status } of findings) counts[status] += 1
  const { fixed, kept, introduced, revealed, 'not-reached': notReached } = counts
  return { fixed, kept, introduced, revealed, notReached }
}

/** How many findings the unpatched kernel has. */
export function unpatchedTotal({ fixed, kept, notReached }: Tally): number {
  return fixed + kept + notReached
}

/** How many findings the variant has. */
export function variantTotal({ kept, introduced, revealed }: Tally): number {
  return kept + introduced + revealed
}
