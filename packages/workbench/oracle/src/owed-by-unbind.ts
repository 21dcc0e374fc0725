// SPDX-License-Identifier: GPL-2.0-only
import { passesThroughRole, type NodeState, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import { ownerThatLeft } from './owners.ts'
import { finalSnapshot } from './snapshots.ts'

/**
 * Leaves out the references that the unbinding of a driver owes. A probe may take a reference on the node of its
 * device. The driver finds the node through the device and drops the reference when it is unbound, so it is unknown
 * whether it leaks until then. If the node is detached, the leak is that of the device, which still refers to it. One
 * reference for each bound device is left out.
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
