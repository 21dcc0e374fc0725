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

/** The calls of a chain below one of its calls. */
export const belowCall = (call: CallChain, chain: CallChain): CallChain =>
  chain.slice(0, chain.length - call.length)

/** True if an event happened in the same call as the event `of`: in its step and task, and `call` led to the event. */
export const isInCall = (call: CallChain, of: RunEvent, { step, task, chain }: RunEvent): boolean =>
  step === of.step && task === of.task && ledTo(call, chain)

/** The rules for the initial reference of a node: the reference that the initialization of the node takes. */
export interface InitialReference {
  /** True if the function that made a put may drop the initial reference although no convention names this function. */
  readonly mayBeDropped: (get: CountEvent, put: CountEvent) => boolean
  /**
   * The last change of the tree before a put, if the call that made the put detached the node with this change. Such a
   * call may drop the initial reference. Null otherwise.
   */
  readonly detachBefore: (put: CountEvent) => TreeEvent | null
  /** True if the node was in the tree at some time of the run. */
  readonly wasAttached: boolean
  /** True if the node was detached in the run. */
  readonly wasDetached: boolean
  /** True if the call that made a put also detaches the node, before or after the put. */
  readonly isDetachedByCaller: (put: CountEvent) => boolean
  /** The functions with a put that did not change the counter, for example because no reference was left. */
  readonly droppedInVain: ReadonlySet<string>
}

/** True if an event took the initial reference of a node. */
export function isInitial(facts: KernelFacts, { chain }: CountEvent): boolean {
  return roleOf(facts, holderOf(facts, chain)) === 'initializer'
}

/**
 * Returns a test. It is true for a reference that no other function drops by convention and that is not the initial
 * reference of a node.
 */
export function unownedTest(facts: KernelFacts): (get: CountEvent) => boolean {
  const owned = functionsWithOwner(facts)
  return (get) => !isInitial(facts, get) && !owned.has(holderOf(facts, get.chain))
}

/**
 * Returns the rules for one node. The function that made the node may always drop its initial reference. All other
 * functions may drop this reference only while the node is not in the tree, or if the next change of the tree detaches
 * the node in the same step.
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
    wasAttached: inTree || changes.length > 0,
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
