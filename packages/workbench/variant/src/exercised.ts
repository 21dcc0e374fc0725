// SPDX-License-Identifier: GPL-2.0-only
import type { Variant } from '@pfo-workbench/run'

/**
 * Whether a changed line ran.
 *
 * @param variant - what ran
 * @param hits - probes that were hit in any of its runs
 */
export function isExercised(
  variant: Pick<Variant, 'exercisedByLoading'>,
  hits: ReadonlySet<number>,
): boolean {
  return hits.size > 0 || variant.exercisedByLoading
}
