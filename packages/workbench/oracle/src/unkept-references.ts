// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, holderOf, roleOf, type EventOf, type NodeState, type RunRecord } from '@pfo-workbench/run'
import { slotsByNode } from './cache-references.ts'
import { deviceReferences } from './device-references.ts'
import { unownedTest } from './initial-reference.ts'
import { withoutOwedByDetach } from './owed-by-detach.ts'
import { withoutOwedByUnbind } from './owed-by-unbind.ts'
import { ledgersOf } from './ledger/reference-ledger.ts'
import { finalSnapshot } from './snapshots.ts'

type Get = EventOf<'ref.get'>

/**
 * The references on a node of the tree that have no owner by convention, in the order in which they were taken. Leaves
 * out the initial reference of the node, whichever function drops it.
 */
function withoutOwner(run: RunRecord, node: NodeState, isUnowned: (get: Get) => boolean): Get[] {
  const { outstanding = [] } = ledgersOf(run).get(node.object) ?? {}
  return outstanding.filter((event): event is Get => event.type === 'ref.get' && isUnowned(event))
}

/** Number of references on a node that changeset entries hold. Each entry also has a pointer. */
function heldByEntries(run: RunRecord, node: NodeState): number {
  const { facts } = run
  const { outstanding = [] } = ledgersOf(run).get(node.object) ?? {}
  return outstanding.filter(({ chain }) => roleOf(facts, holderOf(facts, chain)) === 'changeset-entry').length
}

/** References on and pointers to one node of the tree. */
interface Balance {
  readonly node: NodeState
  readonly gets: readonly Get[]
  /**
   * Pointers that may each hold a reference, without those of devices, changeset entries, the tree and the phandle
   * cache.
   */
  readonly pointers: number
  readonly isCached: boolean
}

function balancesOf(run: RunRecord, pointers: Readonly<Record<string, number>>): Balance[] {
  const { nodes, vio } = finalSnapshot(run)
  const isUnowned = unownedTest(run.facts)
  const slots = slotsByNode(finalSnapshot(run))
  // A task that died or hung had no chance to drop its references.
  const brokenOff = new Set(eventsOf(run, 'oops', 'hang').map(({ step }) => step))
  const held = new Set(deviceReferences(run).map(({ reference }) => reference))
  return nodes
    .filter(({ inTree, life }) => inTree && life === 'allocated')
    .map((node) => {
      const cached = slots.get(node.object) ?? 0
      const ofDevices = vio.filter((device) => device.node === node.object).length
      const ofEntries = heldByEntries(run, node)
      // The root has no parent that points to it, so one of its pointers counts as the pointer of the tree.
      const ofTree = node.path === '/' ? 1 : 0
      const gets = withoutOwner(run, node, isUnowned).filter(
        (get) => !brokenOff.has(get.step) && !held.has(get),
      )
      return {
        node,
        gets: withoutOwedByUnbind(run, node, withoutOwedByDetach(run, node, gets)),
        pointers: Math.max(0, (pointers[node.object] ?? 0) - ofDevices - ofEntries - ofTree - cached),
        isCached: cached > 0,
      }
    })
}

/**
 * Returns the references on nodes of the tree that nothing can drop any more. A function that keeps a reference also
 * keeps a pointer; otherwise it could not drop the reference. So the excess of references without an owner over
 * pointers in live memory is leaked. If there are several references, it is unknown which of them lacks the pointer, so
 * the function reports the latest ones.
 *
 * Slots of the phandle cache may or may not hold references. The function assumes that they do if more than half of the
 * cached nodes have more references than pointers explain.
 *
 * Leaves out references that should be dropped when the node is detached or a driver is unbound.
 *
 * @returns by node object; empty if the pointers in live memory are not known
 */
export function unkeptReferences(run: RunRecord): ReadonlyMap<string, readonly Get[]> {
  const { memory } = run
  if (memory === undefined) return new Map()
  const balances = balancesOf(run, memory.pointers)
  const cached = balances.filter(({ isCached }) => isCached)
  const explained = cached.filter(({ gets, pointers }) => gets.length <= pointers)
  const cacheHolds = explained.length * 2 < cached.length
  return new Map(
    balances.map(({ node, gets, pointers, isCached }) => {
      const kept = pointers + (cacheHolds && isCached ? 1 : 0)
      return [node.object, gets.slice(kept)]
    }),
  )
}
