// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  functionsWithOwner,
  holderOf,
  passesThroughRole,
  type EventOf,
  type NodeState,
  type RunRecord,
  type VioDeviceState,
} from '@pfo-workbench/run'
import { referencesOfCache } from './cache-references.ts'
import { belowCall, isInitial, unownedTest } from './initial-reference.ts'
import { commonCall, withoutOwedByDetach } from './owed-by-detach.ts'
import { ledgersOf } from './ledger/reference-ledger.ts'
import { nodeOfDevice, registeringCall, takesPart, type Registration } from './registrations.ts'
import { finalSnapshot, stateAfter } from './snapshots.ts'

type Get = EventOf<'ref.get'>

/** A device of the VIO bus, and the reference that it holds on its node. */
export interface DeviceReference {
  readonly device: VioDeviceState
  readonly node: NodeState
  readonly registration: Registration
  /** Null if no reference on the node can be that of the device. */
  readonly reference: Get | null
}

/** True if a driver took a reference in its probe, and the registration of the device is not part of that probe. */
function isOfDriver({ facts }: RunRecord, registration: Registration, { chain }: Get): boolean {
  const shared = commonCall(chain, registration.chain)
  return passesThroughRole(facts, belowCall(shared, chain), 'probe')
}

/** References on a node at the end of a step, oldest first. */
function heldAfter(run: RunRecord, object: string, step: number): Get[] {
  const ledger = ledgersOf(run).get(object)
  if (ledger === undefined) return []
  const droppedLater = [...ledger.droppedBy].flatMap(([get, put]) => (put.step > step ? [get] : []))
  // A stolen reference counts as held, because the theft has a finding of its own.
  const stolen = ledger.thefts.map(({ taken }) => taken)
  return [...ledger.outstanding, ...droppedLater, ...stolen]
    .filter((event): event is Get => event?.type === 'ref.get' && event.step <= step)
    .sort((a, b) => a.seq - b.seq)
}

/** The references that may be that of a device, most likely ones last. */
interface Candidates {
  /** Those that were taken in or around the registration of the device (`takesPart`). */
  readonly own: readonly Get[]
  /** Those that were taken elsewhere. Their takers may have handed one over to the device. */
  readonly others: readonly Get[]
}

/**
 * Returns the references on the node that may be that of the device. It leaves out the initial reference of a node in
 * the tree, and the references that a driver took in its probe. Of those that were taken elsewhere, it also leaves out
 * the references that another function drops by convention (but not the initial one), and those that should be dropped
 * when the node is detached.
 */
function candidatesFor(run: RunRecord, node: NodeState, registration: Registration): Candidates {
  const { facts } = run
  const owned = functionsWithOwner(facts)
  const isOwned = ({ chain }: Get): boolean => owned.has(holderOf(facts, chain))
  const call = registeringCall(run, registration)
  const isOwn = (get: Get): boolean => takesPart(run, call, registration, get)
  const inTree = stateAfter(run, registration.step)?.nodes.find(
    ({ object }) => object === node.object,
  )?.inTree
  const ofDevice = heldAfter(run, node.object, registration.step).filter((get) =>
    isInitial(facts, get) ? !inTree : !isOfDriver(run, registration, get),
  )
  const own = ofDevice.filter(isOwn)
  const others = ofDevice.filter((get) => !isOwn(get) && (isInitial(facts, get) || !isOwned(get)))
  return {
    own: [...own.filter((get) => !isOwned(get)), ...own.filter(isOwned)],
    others: withoutOwedByDetach(run, node, others),
  }
}

/** Returns a function that tells how many references the phandle cache holds on a node at the end of a step. */
function cacheOf(run: RunRecord): (node: NodeState, step: number) => number {
  const isUnowned = unownedTest(run.facts)
  const bySteps = new Map<number, ReadonlyMap<string, number>>()
  const referencesAt = (step: number): ReadonlyMap<string, number> => {
    const state = stateAfter(run, step)
    if (state === undefined) return new Map()
    const nodes = new Map(state.nodes.map((node) => [node.object, node]))
    return referencesOfCache(state, (object) => {
      const node = nodes.get(object)
      const held = heldAfter(run, object, step).filter(isUnowned)
      return node === undefined ? [] : withoutOwedByDetach(run, node, held)
    })
  }
  return ({ object }, step) => {
    const known = bySteps.get(step) ?? referencesAt(step)
    bySteps.set(step, known)
    return known.get(object) ?? 0
  }
}

/** True if the task that registered a device took a reference elsewhere, for example in another initcall. */
const isOfSameTask = ({ facts }: RunRecord, { task }: Registration, get: Get): boolean =>
  get.task === task && !isInitial(facts, get)

/**
 * Functions that took references on the nodes of several devices, in the tasks that registered the devices, but outside
 * the registrations. A function that took a reference for only one device may have leaked this reference.
 */
function strangersWithSeveral(
  run: RunRecord,
  found: readonly { readonly registration: Registration; readonly others: readonly Get[] }[],
): ReadonlySet<string> {
  const takers = found.flatMap(({ registration, others }) => [
    ...new Set(
      others
        .filter((get) => isOfSameTask(run, registration, get))
        .map(({ chain }) => holderOf(run.facts, chain)),
    ),
  ])
  return new Set(takers.filter((taker, at) => takers.indexOf(taker) !== at))
}

/** Leaves out as many references as the phandle cache holds: the first ones of `others`, then those of `own`. */
function withoutCached({ own, others }: Candidates, cached: number): Candidates {
  return { own: own.slice(Math.max(0, cached - others.length)), others: others.slice(cached) }
}

/**
 * Finds the reference that each device holds on its node. Either the reference was taken in or around the registration
 * of the device, or it was taken elsewhere and handed over. A hand-over is possible for the initial reference of the
 * node, for a reference of another task, and for a reference of a function that took references for several devices.
 * If a registering function leaves one of its devices without any reference, it uses no hand-overs for its other
 * devices either. A reference that a slot of the phandle cache holds is not that of a device.
 *
 * A device is left out if it got another node after its registration, or if it was registered before the run began: in
 * both cases, it is unknown which function took its reference.
 */
export function deviceReferences(run: RunRecord): DeviceReference[] {
  const { nodes, vio } = finalSnapshot(run)
  const cachedAt = cacheOf(run)
  const claimed = new Set<Get>()
  const claim = (gets: readonly Get[]): Get | null => {
    const get = gets.findLast((one) => !claimed.has(one)) ?? null
    if (get !== null) claimed.add(get)
    return get
  }
  const found = vio.flatMap((device) => {
    const node = nodes.find(({ object }) => object === device.node)
    const registration = eventsOf(run, 'device.register').findLast(({ object }) => object === device.object)
    if (node === undefined || registration === undefined) return []
    if (nodeOfDevice(run, registration) !== node.object) return []
    const candidates = candidatesFor(run, node, registration)
    const { own, others } = withoutCached(candidates, cachedAt(node, registration.step))
    const by = registeringCall(run, registration)[0]?.function
    return [{ device, node, registration, by, others, reference: claim(own) }]
  })
  const several = strangersWithSeveral(run, found)
  const handed = found.map(({ registration, others, reference }) =>
    reference === null
      ? claim(
          others.filter(
            (get) => !isOfSameTask(run, registration, get) || several.has(holderOf(run.facts, get.chain)),
          ),
        )
      : null,
  )
  const handNothingOver = new Set(
    found.flatMap(({ by, reference }, at) => (reference === null && handed[at] === null ? [by] : [])),
  )
  return found.map(({ device, node, registration, by, reference }, at) => ({
    device,
    node,
    registration,
    reference: reference ?? (handNothingOver.has(by) ? null : (handed[at] ?? null)),
  }))
}
