// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from './status.ts'

/** Number of findings of each status. */
export interface Tally {
  readonly fixed: number
  readonly kept: number
  readonly introduced: number
  readonly revealed: number
  readonly notReached: number
}

/**
 * Counts findings by status. All displayed totals come from this function. In each cell, and in each sum of cells,
 * `fixed + kept + notReached` is the number of the unpatched kernel, and `kept + introduced + revealed` that of the
 * variant.
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

/** Number of findings of the unpatched kernel. */
export function unpatchedTotal({ fixed, kept, notReached }: Tally): number {
  return fixed + kept + notReached
}

/** Number of findings of the variant. */
export function variantTotal({ kept, introduced, revealed }: Tally): number {
  return kept + introduced + revealed
}
