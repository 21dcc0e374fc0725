// SPDX-License-Identifier: GPL-2.0-only
import {
  hasRole,
  passesThrough,
  passesThroughRole,
  roleOf,
  type CallChain,
  type FunctionRole,
  type KernelFacts,
  type RunEvent,
} from '@pfo-workbench/run'
import { belowCall, callOf, isInCall, type CountEvent, type InitialReference } from '../initial-reference.ts'
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
  /** Those of them whose references only the release of a device drops by convention. */
  readonly takersForDevices: ReadonlySet<string>
  /** When the task died or hung in the call that took a reference; `Infinity` if it did not. */
  readonly diesAt: (get: CountEvent) => number
  readonly registrations: Registrations
}

/** Roles of functions that return no references of those that they call. */
const returnsNone: readonly FunctionRole[] = ['dispatcher', 'deferred-call', 'probe']

/** Roles of functions that pass no references to those that they call. Those of an iterator may return some. */
const passesNone: readonly FunctionRole[] = [...returnsNone, 'iterator']

/** Roles of functions that call no helpers of their callers. */
const callsNoHelpers: readonly FunctionRole[] = [...returnsNone, 'registration']

/**
 * Returns the functions whose references on an object another function drops by convention. Detaching a node drops the
 * initial reference of the node, so this reference is not among them in two cases: the node was never in the tree, or
 * it was detached, but the functions that should drop the reference did not try to. Then the patches moved this drop.
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

  /** True for a function that passes references to those that it calls. It is false for callers of callbacks. */
  passesReferences(name: string): boolean {
    return !hasRole(this.known.facts, name, passesNone)
  }

  /** True for a function that calls what another task asked for earlier. */
  runsDeferredCalls(name: string): boolean {
    return roleOf(this.known.facts, name) === 'deferred-call'
  }

  /** True if the innermost of these functions may return references to the caller of the outermost. */
  mayReturnReferences(frames: CallChain): boolean {
    return !passesThroughRole(this.known.facts, frames, ...returnsNone)
  }

  /** True if none of these functions calls callbacks, so the innermost returns what it takes and does not store. */
  areDirectCalls(frames: CallChain): boolean {
    return !passesThroughRole(this.known.facts, frames, ...passesNone)
  }

  /** True if a reference was taken in or below a call of the named function, which it may have been returned to. */
  isReturnedTo({ event: { chain } }: Change, name: string): boolean {
    const at = chain.findIndex((frame) => frame.function === name)
    return at >= 0 && this.mayReturnReferences(chain.slice(0, at))
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

  /** True if the function that makes a put took no reference in this call, and drops none by convention. */
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
   * True if a put may drop a reference. Three conditions: the reference has no owner, or its taker has not given it to
   * the device yet; the conventions of the dropper allow it; for an initial reference, its rules allow it.
   */
  mayDrop(put: Change, get: Change): boolean {
    return (
      (!this.isOwned(get) || this.isNotYetGiven(get, put)) &&
      this.fitsConvention(put, get) &&
      (!get.isInitial || this.initial.mayBeDropped(get.event, put.event))
    )
  }

  /**
   * True if the release of a device owns a reference by convention, but the device never had it: the function that took
   * the reference, or a helper of this function, makes the put before the device is registered.
   */
  private isNotYetGiven(get: Change, put: Change): boolean {
    const { facts, takersForDevices, registrations } = this.known
    const call = callOf(get.event.chain, get.holder)
    return (
      takersForDevices.has(get.holder) &&
      isInCall(call, get.event, put.event) &&
      !passesThroughRole(facts, belowCall(call, put.event.chain), ...callsNoHelpers) &&
      !registrations.isTakenFor(get.event, (registration) => this.isGivenTo(registration, get, put))
    )
  }

  /**
   * True if a registered device has the reference of a get, or should have it: the same call did not take another
   * reference for the device between the put and the registration.
   */
  private isGivenTo(registration: RunEvent, get: Change, put: Change): boolean {
    const call = callOf(get.event.chain, get.holder)
    const replaces = ({ event, holder }: Change): boolean =>
      event.type === 'ref.get' &&
      holder === get.holder &&
      isInCall(call, get.event, event) &&
      event.seq > put.event.seq &&
      event.seq < registration.seq
    return registration.seq > get.event.seq && !this.references.changes.some(replaces)
  }

  /** True if a function that the dropper called may have returned the reference to it. */
  isReturned(get: Change, put: Change): boolean {
    return (
      isEarlier(get, put) &&
      !this.isOwned(get) &&
      isAlive(get, put) &&
      !get.isInitial &&
      this.isReturnedTo(get, put.holder)
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
      [...takers].some((name) => passesThrough(get.event.chain, name))
    )
  }
}
