// SPDX-License-Identifier: GPL-2.0-only
import { passesThroughRole, type NodeState, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import { ownerThatLeft } from './owners.ts'
import { finalSnapshot } from './snapshots.ts'

/**
 * Leaves out references that a driver should drop when it is unbound. A probe may take a reference on the node of its
 * device. When the driver is unbound, it finds the node through the device, and drops the reference. Until then, it is
 * unknown whether the reference leaks. If the node is detached, the device causes the leak, because the device still
 * refers to the node. For each bound device of the node, at most one reference is left out.
 *
 * @param taken - references on a node, oldest first
 */
export function withoutOwedByUnbind<Taken extends RunEvent>(
  run: RunRecord,
  { object }: NodeState,
  taken: readonly Taken[],
): readonly Taken[] {
  const bound = finalSnapshot(run).vio.filter(({ node, driver }) => node === object && driver !== null)
  let owed = bound.length
  return taken.filter((event) => {
    const isOwed =
      owed > 0 && passesThroughRole(run.facts, event.chain, 'probe') && ownerThatLeft(run, event) === null
    if (isOwed) owed--
    return !isOwed
  })
}
