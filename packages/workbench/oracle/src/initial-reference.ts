// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  functionsWithOwner,
  holderOf,
  ledTo,
  passesThrough,
  roleOf,
  type CallChain,
  type EventOf,
  type KernelFacts,
  type RunEvent,
  type RunRecord,
} from '@pfo-workbench/run'
import { groupBy } from './events-by-subject.ts'
import { finalSnapshot } from './snapshots.ts'

/** A reference was taken or dropped. */
export type CountEvent = EventOf<'ref.get' | 'ref.put'>
type TreeEvent = EventOf<'node.attach' | 'node.detach'>

/** The innermost call of a function, and its callers. */
export const callOf = (chain: CallChain, name: string): CallChain =>
  chain.slice(chain.findIndex((frame) => frame.function === name))

/** True if an event happened in a call from which another event came, in the same step and task. */
export const isInCall = (call: CallChain, of: RunEvent, { step, task, chain }: RunEvent): boolean =>
  step === of.step && task === of.task && ledTo(call, chain)

/** The rules for the initial reference of a node: the one that initializing the node takes. */
export interface InitialReference {
  /** True if a function may drop the initial reference of a node although no convention names it. */
  readonly mayBeDropped: (get: CountEvent, put: CountEvent) => boolean
  /** The detachment that lets the caller drop the initial reference of the node; null if there is none. */
  readonly detachBefore: (put: CountEvent) => TreeEvent | null
  /** True if the node was detached in the run. */
  readonly wasDetached: boolean
  /** True if the caller also detaches the node, before or after the put. */
  readonly isDetachedByCaller: (put: CountEvent) => boolean
  /** The functions that put the node when no reference was left: the counter did not change. */
  readonly droppedInVain: ReadonlySet<string>
}

/** True if an event took the initial reference of a node. */
export function isInitial(facts: KernelFacts, { chain }: CountEvent): boolean {
  return roleOf(facts, holderOf(facts, chain)) === 'initializer'
}

/** Returns a test for references that no function drops by convention, apart from the initial ones of nodes. */
export function unownedTest(facts: KernelFacts): (get: CountEvent) => boolean {
  const owned = functionsWithOwner(facts)
  return (get) => !isInitial(facts, get) && !owned.has(holderOf(facts, get.chain))
}

/**
 * Nobody may drop the initial reference of a node in the tree, apart from the function that made the node. A function
 * that detaches the node may drop it, and so may anyone once the node is out of the tree.
 *
 * @param changes - attachments and detachments of the node, in order
 * @param inTree - true if the node is in the tree at the end of the run
 * @param ineffective - puts of the node that did not change its counter
 */
function initialReference(
  facts: KernelFacts,
  changes: readonly TreeEvent[],
  inTree: boolean,
  ineffective: readonly CountEvent[],
): InitialReference {
  const lastBefore = ({ seq }: CountEvent): TreeEvent | undefined =>
    changes.findLast((change) => change.seq < seq)
  const nextAfter = ({ seq }: CountEvent): TreeEvent | undefined => changes.find((change) => change.seq > seq)
  /** True if a change is a detach in the call that made the put. */
  const isDetachInCall = (change: TreeEvent | undefined, put: CountEvent): change is TreeEvent =>
    change?.type === 'node.detach' && isInCall(callOf(put.chain, holderOf(facts, put.chain)), put, change)
  const detachBefore = (put: CountEvent): TreeEvent | null => {
    const last = lastBefore(put)
    return isDetachInCall(last, put) ? last : null
  }
  return {
    mayBeDropped: (get, put) => {
      if (passesThrough(get.chain, holderOf(facts, put.chain))) return true
      const last = lastBefore(put)
      const next = nextAfter(put)
      const wasAttached = next === undefined ? inTree : next.type === 'node.detach'
      const isAttached = last === undefined ? wasAttached : last.type === 'node.attach'
      return !isAttached || (next?.type === 'node.detach' && next.step === put.step)
    },
    detachBefore,
    wasDetached: changes.some(({ type }) => type === 'node.detach'),
    isDetachedByCaller: (put) => detachBefore(put) !== null || isDetachInCall(nextAfter(put), put),
    droppedInVain: new Set(ineffective.map(({ chain }) => holderOf(facts, chain))),
  }
}

/** Returns the rules for the initial reference of each object of a run. */
export function initialReferencesOf(run: RunRecord): (object: string) => InitialReference {
  const changes = groupBy(eventsOf(run, 'node.attach', 'node.detach'), ({ object }) => object)
  const tree = new Set(finalSnapshot(run).nodes.flatMap(({ object, inTree }) => (inTree ? [object] : [])))
  const ineffective = groupBy(
    eventsOf(run, 'ref.put').filter(({ before, after }) => before === after),
    ({ object }) => object,
  )
  return (object) =>
    initialReference(run.facts, changes.get(object) ?? [], tree.has(object), ineffective.get(object) ?? [])
}
