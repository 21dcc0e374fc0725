// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { Judgeable } from './judgeable.ts'

/**
 * Finds the finding of a run that masks another one, which the other kernel shows.
 *
 * A stolen reference masks the leak of one reference that its owner took. If both kernels have the same theft, it masks
 * nothing: the other kernel shows the leak in spite of it, so its owner takes one reference more there.
 *
 * @param count - number of occurrences that must be masked
 */
export function maskOf(
  finding: Finding,
  count: number,
  run: Judgeable,
  other: Judgeable,
): Finding | undefined {
  const key = findingKey(finding)
  return run.findings.find(
    (mask) => mask.masks?.includes(key) === true && count <= mask.count - sameTheft(mask, other),
  )
}

/** Number of occurrences of a theft on the other kernel; 0 for a finding that is no theft. */
function sameTheft(mask: Finding, { findings }: Judgeable): number {
  if (mask.kind !== 'stolen-reference') return 0
  const key = findingKey(mask)
  return findings.find((one) => findingKey(one) === key)?.count ?? 0
}
