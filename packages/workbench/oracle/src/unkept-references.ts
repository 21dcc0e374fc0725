// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, holderOf, roleOf, type EventOf, type NodeState, type RunRecord } from '@pfo-workbench/run'
import { ledgersOf } from './reference-ledger.ts'
import { finalSnapshot } from './snapshots.ts'

type Get = EventOf<'ref.get'>

/**
 * The references on a node of the tree that no convention gives an owner, in the order in which they were taken. The first one is
 * that of the tree, whoever drops it.
 */
function withoutOwner(run: RunRecord, node: NodeState, owned: ReadonlySet<string>): Get[] {
  const { outstanding = [] } = ledgersOf(run).get(node.object) ?? {}
  return outstanding.filter((event): event is Get => {
    if (event.type !== 'ref.get') return false
    const holder = holderOf(run.facts, event.chain)
    return !owned.has(holder) && roleOf(run.facts, holder) !== 'initializer'
  })
}

/** How many references on a node some functions took. */
function heldBy(run: RunRecord, node: NodeState, holders: readonly string[]): number {
  const { outstanding = [] } = ledgersOf(run).get(node.object) ?? {}
  return outstanding.filter(({ chain }) => holders.includes(holderOf(run.facts, chain))).length
}

/** Who takes the references that entries of changesets hold, each with a pointer. */
function changesetEntries({ facts }: RunRecord): readonly string[] {
  return facts.dropsFor['of_changeset_destroy'] ?? []
}

/** For each node of the tree what is known of its references and of the pointers to it. */
interface Balance {
  readonly node: NodeState
  readonly gets: readonly Get[]
  /** Pointers that may each have a reference, without those of devices, of entries of changesets, of the tree and of the phandle cache. */
  readonly pointers: number
  readonly isCached: boolean
}

function balancesOf(run: RunRecord, pointers: Readonly<Record<string, number>>): Balance[] {
  const { nodes, vio, phandleCache } = finalSnapshot(run)
  const owned = new Set(Object.values(run.facts.dropsFor).flat())
  // A task that died has dropped nothing that it held.
  const brokenOff = new Set(eventsOf(run, 'oops', 'hang').map(({ step }) => step))
  return nodes
    .filter(({ inTree, life }) => inTree && life === 'allocated')
    .map((node) => {
      const cached = phandleCache.filter((slot) => slot.node === node.object).length
      const ofDevices = vio.filter((device) => device.node === node.object).length
      const ofEntries = heldBy(run, node, changesetEntries(run))
      // The root has no parent that leads to it: one pointer is for its first reference.
      const ofTree = node.path === '/' ? 1 : 0
      return {
        node,
        gets: withoutOwner(run, node, owned).filter(({ step }) => !brokenOff.has(step)),
        pointers: Math.max(0, (pointers[node.object] ?? 0) - ofDevices - ofEntries - ofTree - cached),
        isCached: cached > 0,
      }
    })
}

/**
 * The references on nodes of the tree that nothing can drop any more: of those that no convention gives an owner, as many as there
 * are more than pointers to the node in memory in use. Who keeps a reference keeps a pointer, else it could not be dropped. Which of
 * several has no pointer cannot be told: the last ones are taken for those.
 *
 * The slots of the phandle cache may be pointers with references or without: with, if most of the nodes that are in it have one more
 * than otherwise explained.
 *
 * @returns by object of the node; of nothing where it is not known what memory in use points to
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
