// SPDX-License-Identifier: GPL-2.0-only
import { holderOf, roleOf, type KernelFacts } from '@pfo-workbench/run'
import { isInitial, type CountEvent } from '../initial-reference.ts'

/** A get or put with the function that made it. */
export interface Change {
  readonly event: CountEvent
  readonly holder: string
  /** True for a get of the initial reference of a node. */
  readonly isInitial: boolean
  /** The function that the holder called to make the get or put, such as a lookup; null if there is none. */
  readonly via: string | null
  /** Sequence number at which the task died or hung in the call that made this get. `Infinity` otherwise. */
  readonly diesAt: number
}

/**
 * Adds the facts that the ledger needs to each get and put of an object.
 *
 * @param diesAt - when the task died or hung in the call that took a reference; `Infinity` if it did not
 */
export function toChanges(
  events: readonly CountEvent[],
  { facts, diesAt }: { readonly facts: KernelFacts; readonly diesAt: (get: CountEvent) => number },
): Change[] {
  return events.map((event) => {
    const holder = holderOf(facts, event.chain)
    const at = event.chain.findIndex((frame) => frame.function === holder)
    const via = event.chain[at - 1]?.function ?? null
    const isGet = event.type === 'ref.get'
    return {
      event,
      holder,
      isInitial: isGet && isInitial(facts, event),
      via: via === null || roleOf(facts, via) === 'counter' ? null : via,
      diesAt: isGet ? diesAt(event) : Infinity,
    }
  })
}

/** False if the task died or hung in the call that took the reference, before the put. */
export const isAlive = ({ diesAt }: Change, { event }: Change): boolean => event.seq < diesAt

/** True if a get happened before a put. */
export const isEarlier = (get: Change, put: Change): boolean => get.event.seq < put.event.seq

/** Removes and returns the latest fitting reference that was taken before the put; null if there is none. */
export function takeLatest(
  open: Change[],
  put: Change,
  fits: (get: Change) => boolean = () => true,
): Change | null {
  const at = open.findLastIndex((get) => isEarlier(get, put) && fits(get))
  return at < 0 ? null : (open.splice(at, 1)[0] ?? null)
}

/**
 * Removes and returns the reference that a put drops, out of those of the same function. Prefers references of the same
 * lookup. Null if there is none.
 */
function takeOwn(own: Change[], put: Change): Change | null {
  const mayBeDropped = (get: Change): boolean => isAlive(get, put)
  const isOfLookup = (get: Change): boolean => get.via !== null && get.via === put.via && isAlive(get, put)
  return takeLatest(own, put, isOfLookup) ?? takeLatest(own, put, mayBeDropped)
}

/**
 * Matches each put with the latest earlier get of the same function, because most functions drop their own references.
 * If a lookup continues from a node, its put drops the reference that the same lookup took. If the task died in a call,
 * no later put drops the references of that call.
 *
 * @returns the gets and puts that are left, in order, and the matched puts by their gets
 */
export function withoutOwnPairs(changes: readonly Change[]): {
  open: Change[]
  unmatched: Change[]
  paired: ReadonlyMap<Change, Change>
} {
  const openOf = new Map<string, Change[]>()
  const paired = new Map<Change, Change>()
  const unmatched: Change[] = []
  for (const change of changes) {
    const own = openOf.get(change.holder)
    if (change.event.type === 'ref.get') {
      if (own === undefined) openOf.set(change.holder, [change])
      else own.push(change)
      continue
    }
    const get = own === undefined ? null : takeOwn(own, change)
    if (get === null) unmatched.push(change)
    else paired.set(get, change)
  }
  return {
    open: changes.filter((change) => change.event.type === 'ref.get' && !paired.has(change)),
    unmatched,
    paired,
  }
}
