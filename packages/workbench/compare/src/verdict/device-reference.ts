// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import { objectOfFinding } from './finding-objects.ts'
import type { CellRuns } from './hidden-by-end.ts'
import { balanceOf, keptBy, lifeOf } from './open-references.ts'

/**
 * Finds the stale device that still uses the node of a leak which the variant does not show. A function took the
 * reference for the device, and another function drops it by convention. On the variant, the first function holds fewer
 * references, but the device still refers to the detached node. So the patches mended nothing: they took the reference
 * away from its user.
 *
 * @param gone - a finding of the unpatched kernel that the variant does not show
 * @returns the finding of the variant about the stale device; undefined if there is no such device
 */
export function userWithoutReference(
  gone: Finding,
  { unpatched, variant }: Pick<CellRuns, 'unpatched' | 'variant'>,
): Finding | undefined {
  if (gone.kind !== 'reference-held') return undefined
  const { holder: by } = gone.data
  const object = objectOfFinding(gone, unpatched.lives ?? [])?.object
  const before = lifeOf(unpatched, object)?.holders.find((one) => one.by === by)
  // A reference without an owner by convention counts as lost.
  if (object === undefined || before === undefined || before.lost > 0) return undefined
  if (keptBy(balanceOf(variant, object, by)) >= keptBy(before)) return undefined
  return variant.findings.find((one) => one.kind === 'node-detached' && one.data.node === object)
}
