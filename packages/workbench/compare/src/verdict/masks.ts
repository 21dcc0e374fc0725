// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { Judgeable } from './judgeable.ts'

/**
 * Finds the finding of a run that masks another one, which the other kernel shows.
 *
 * If both kernels have the mask, the other kernel shows the finding in spite of the mask. So only the occurrences count
 * that the mask has beyond those on the other kernel.
 *
 * @param count - number of occurrences that must be masked
 * @returns undefined if no finding masks that many
 */
export function maskOf(
  finding: Finding,
  count: number,
  run: Judgeable,
  other: Judgeable,
): Finding | undefined {
  const key = findingKey(finding)
  return run.findings.find(
    (mask) => mask.masks?.includes(key) === true && count <= mask.count - countIn(other, mask),
  )
}

/** Number of occurrences of a finding in a run. */
export function countIn({ findings }: Judgeable, finding: Finding): number {
  const key = findingKey(finding)
  return findings.find((one) => findingKey(one) === key)?.count ?? 0
}
