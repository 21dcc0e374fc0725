// SPDX-License-Identifier: GPL-2.0-only
import { passesThrough, roleOf, type KernelFacts, type RunEvent } from '@pfo-workbench/run'
import { callOf, isInCall, type CountEvent, type InitialReference } from '../initial-reference.ts'
import { isAlive, isEarlier, type Change } from './reference-changes.ts'
import type { Registrations } from '../registrations.ts'

/** Maps each dropper to the functions whose references it may drop. */
export type Partners = ReadonlyMap<string, ReadonlySet<string>>

/** What the ledger knows about a run besides the references: above all, who may drop references of other functions. */
export interface LedgerFacts {
  readonly facts: KernelFacts
  /** The conventions: by function, the functions whose references it drops. */
  readonly dropsFor: Partners
  /** All functions whose references another function drops by convention. */
  readonly owned: ReadonlySet<string>
  /** When the task died or hung in the call that took a reference; `Infinity` if it did not. */
  readonly diesAt: (get: CountEvent) => number
  readonly registrations: Registrations
}

/** True if a get happened during a call of a function, for example in a lookup that this function called. */
export const isInCallOf = ({ event }: Change, name: string): boolean => passesThrough(event.chain, name)

/**
 * Returns the functions whose references on an object have an owner. Detaching a node drops its initial reference by
 * convention. If the node was never in the tree, the initial reference therefore counts as one without an owner by
 * convention: its maker drops it. The same holds if the node was detached, but the function that drops its initial
 * reference by convention did not try to drop it: the patches made another function the owner.
 *
 * @param unmatched - the puts that are left after each function dropped its own references
 */
function ownedOn(
  unmatched: readonly Change[],
  initial: InitialReference,
  { facts, dropsFor, owned }: LedgerFacts,
): ReadonlySet<string> {
  const initializers = [...owned].filter((taker) => roleOf(facts, taker) === 'initializer')
  const without = (takers: readonly string[]): ReadonlySet<string> =>
    new Set([...owned].filter((taker) => !takers.includes(taker)))
  if (!initial.wasAttached) return without(initializers)
  if (!initial.wasDetached) return owned
  const droppers = new Set([...unmatched.map(({ holder }) => holder), ...initial.droppedInVain])
  const withoutOwner = initializers.filter((taker) =>
    [...dropsFor].every(([dropper, takers]) => !takers.has(taker) || !droppers.has(dropper)),
  )
  return without(withoutOwner)
}

/** True if the function that makes a put holds a reference of its own at an event, or takes one before the put. */
function holdsOwn(paired: ReadonlyMap<Change, Change>, put: Change, { seq }: RunEvent): boolean {
  return [...paired].some(
    ([get, end]) => get.holder === put.holder && isEarlier(get, put) && end.event.seq > seq,
  )
}

/** The gets and puts of an object, and those of them that functions matched themselves. */
interface ObjectReferences {
  /** All gets and puts, in order. */
  readonly changes: readonly Change[]
  /** The puts that are left after each function dropped its own references. */
  readonly unmatched: readonly Change[]
  /** The puts of the references that each function dropped itself, by their gets. */
  readonly paired: ReadonlyMap<Change, Change>
}

/** Says which references on one object a put may drop. */
export class DropRules {
  private readonly known: LedgerFacts
  private readonly initial: InitialReference
  private readonly references: ObjectReferences
  /** The functions whose references on the object have an owner. */
  private readonly owned: ReadonlySet<string>
  private readonly takers: ReadonlySet<string>

  constructor(known: LedgerFacts, initial: InitialReference, references: ObjectReferences) {
    const { changes, unmatched } = references
    this.known = known
    this.initial = initial
    this.references = references
    this.owned = ownedOn(unmatched, initial, known)
    this.takers = new Set(changes.filter(({ event }) => event.type === 'ref.get').map(({ holder }) => holder))
  }

  readonly isOwned = (get: Change): boolean => this.owned.has(get.holder)

  readonly isUnownedInitial = (get: Change): boolean => get.isInitial && !this.isOwned(get)

  /** True for a function that calls callbacks or probes: it passes no references to them, and they return none. */
  callsStrangers(name: string): boolean {
    const role = roleOf(this.known.facts, name)
    return role === 'dispatcher' || role === 'probe'
  }

  /** The functions whose references a function drops by convention; undefined if none of them took one. */
  conventionOf(dropper: string): ReadonlySet<string> | undefined {
    const takers = this.known.dropsFor.get(dropper)
    return takers !== undefined && [...takers].some((taker) => this.takers.has(taker)) ? takers : undefined
  }

  /** True if a function took no reference and drops none by convention: its references came from others. */
  isOnlyDropper(name: string): boolean {
    return !this.takers.has(name) && this.conventionOf(name) === undefined
  }

  /** True if the call that makes a put took no reference itself, and drops none by convention. */
  tookNothingInCall(put: Change): boolean {
    const call = callOf(put.event.chain, put.holder)
    return (
      this.conventionOf(put.holder) === undefined &&
      !this.references.changes.some(
        (one) =>
          one.event.type === 'ref.get' && one.holder === put.holder && isInCall(call, put.event, one.event),
      )
    )
  }

  /**
   * True if a put may drop a reference: the reference has no owner, or its taker has not given it to the owner yet.
   *
   * @param ofDead - true if the task must have died or hung in the call that took the reference; false if it must not
   */
  mayDrop(put: Change, get: Change, ofDead: boolean): boolean {
    return (
      (!this.isOwned(get) || this.isNotYetGiven(get, put)) &&
      isAlive(get, put) !== ofDead &&
      this.fitsConvention(put, get) &&
      (!get.isInitial || this.initial.mayBeDropped(get.event, put.event))
    )
  }

  /** True if the call that took a reference led to the put, and this call registered no device that would own it. */
  private isNotYetGiven(get: Change, put: Change): boolean {
    const call = callOf(get.event.chain, get.holder)
    return isInCall(call, get.event, put.event) && !this.known.registrations.isTakenFor(get.event)
  }

  /** True if a function that the dropper called may have returned the reference to it. */
  isReturned(get: Change, put: Change): boolean {
    return (
      isEarlier(get, put) &&
      !this.isOwned(get) &&
      isAlive(get, put) &&
      !get.isInitial &&
      isInCallOf(get, put.holder)
    )
  }

  /**
   * True if a put drops the initial reference because the call that makes the put detached the node before. The
   * function of this call must hold no reference of its own, and no lookup must have returned one to it.
   */
  dropsInitialAfterDetach(put: Change, open: readonly Change[]): boolean {
    const detach = this.initial.detachBefore(put.event)
    return (
      detach !== null &&
      !holdsOwn(this.references.paired, put, detach) &&
      !open.some((get) => this.isReturned(get, put))
    )
  }

  /** True if the call that makes a put also detaches the node, before or after the put. */
  isDetachedByCaller({ event }: Change): boolean {
    return this.initial.isDetachedByCaller(event)
  }

  /** True if the function took no reference in the step and task of its put. If it took some, it drops only those. */
  tookNothingInStep({ event: put, holder }: Change): boolean {
    return !this.references.changes.some(
      (one) =>
        one.event.type === 'ref.get' &&
        one.holder === holder &&
        one.event.step === put.step &&
        one.event.task === put.task,
    )
  }

  /**
   * False if the dropper drops only references of devices by convention, and this reference was not taken for a device.
   * A registration that fails leaves no event, so references taken in calls of registering functions count as well.
   */
  private fitsConvention(put: Change, get: Change): boolean {
    const { dropsFor, registrations } = this.known
    const takers = dropsFor.get(put.holder)
    return (
      takers === undefined ||
      !registrations.wereMadeBy(takers, put.event) ||
      registrations.isTakenFor(get.event) ||
      [...takers].some((name) => isInCallOf(get, name))
    )
  }
}
