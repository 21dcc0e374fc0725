// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  functionsWithOwner,
  passesThrough,
  roleOf,
  type KernelFacts,
  type RunEvent,
  type RunRecord,
} from '@pfo-workbench/run'
import { groupBy } from './events-by-subject.ts'
import {
  callOf,
  initialReferencesOf,
  isInCall,
  type CountEvent,
  type InitialReference,
} from './initial-reference.ts'
import { isAlive, takeLatest, toChanges, withoutOwnPairs, type Change } from './reference-changes.ts'
import { registrationsOf, type Registrations } from './registrations.ts'
import { endOfCalls } from './unfinished-calls.ts'

/** Maps each dropper to the functions whose references it may drop. */
type Partners = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Returns the conventions that let one function drop references that another one took. Such a reference has an owner,
 * which must still drop it. Without a convention only the taker can drop the reference; if it does not, the reference
 * is leaked.
 */
function conventionsOf(run: RunRecord): Conventions {
  const { facts } = run
  return {
    facts,
    conventions: new Map(
      Object.entries(facts.dropsFor).map(([dropper, takers]) => [dropper, new Set(takers)]),
    ),
    owned: functionsWithOwner(facts),
    diesAt: endOfCalls(run),
    registrations: registrationsOf(run),
  }
}

interface Conventions {
  readonly facts: KernelFacts
  readonly conventions: Partners
  /** All functions whose references have an owner. */
  readonly owned: ReadonlySet<string>
  /** When the task died or hung in the call that took a reference; `Infinity` if it did not. */
  readonly diesAt: (get: CountEvent) => number
  readonly registrations: Registrations
}

/** A reference dropped by a function that did not own it. */
interface Theft {
  readonly put: CountEvent
  /** The reference that was lost; null if none was left. */
  readonly taken: CountEvent | null
}

/** A reference that one function took and another one dropped. The dropper never took a reference itself. */
export interface HandOver {
  readonly put: CountEvent
  readonly get: CountEvent
  readonly dropper: string
  readonly taker: string
  /** The functions whose reference this may be, whatever is assumed about earlier puts. */
  readonly possible: ReadonlySet<string>
  /** True if the reference can only be that of this taker. */
  readonly certain: boolean
}

/** The references on one object: outstanding, dropped, stolen and handed over. */
export interface Ledger {
  readonly outstanding: readonly CountEvent[]
  /** The put of each reference that was dropped, but not stolen, by its get. */
  readonly droppedBy: ReadonlyMap<CountEvent, CountEvent>
  readonly thefts: readonly Theft[]
  readonly handOvers: readonly HandOver[]
}

/** True if a get happened in a call of a function, for example in a lookup that returns the reference to it. */
const isInCallOf = ({ event }: Change, name: string): boolean => passesThrough(event.chain, name)

/** Returns a test for gets that happened in the call that called the dropper. */
function takenByCallerOf({ event: put, holder }: Change): (get: Change) => boolean {
  const caller = callOf(put.chain, holder).slice(1)
  return (get) => caller.length > 0 && isInCall(caller, put, get.event)
}

/** True if a function holds a reference of its own at a moment, or takes one between this moment and a put. */
function holdsOwn(paired: ReadonlyMap<Change, Change>, put: Change, { seq }: RunEvent): boolean {
  return [...paired].some(
    ([get, end]) => get.holder === put.holder && get.event.seq < put.event.seq && end.event.seq > seq,
  )
}

/**
 * Returns the functions whose references on an object have an owner. If a node was detached, but the function that drops
 * its initial reference by convention did not try to, the patches made another function the owner.
 *
 * @param notOwn - the puts that are left after each function dropped its own references
 */
function ownedOn(
  notOwn: readonly Change[],
  initial: InitialReference,
  { facts, conventions, owned }: Conventions,
): ReadonlySet<string> {
  const initializers = [...owned].filter((taker) => roleOf(facts, taker) === 'initializer')
  if (!initial.wasDetached || initializers.length === 0) return owned
  const droppers = new Set([...notOwn.map(({ holder }) => holder), ...initial.droppedInVain])
  const withoutOwner = initializers.filter((taker) =>
    [...conventions].every(([dropper, takers]) => !takers.has(taker) || !droppers.has(dropper)),
  )
  return withoutOwner.length === 0
    ? owned
    : new Set([...owned].filter((taker) => !withoutOwner.includes(taker)))
}

/** Matches the puts on one object with the gets that they undo. */
function balance(
  changes: readonly Change[],
  initial: InitialReference,
  all: Conventions,
  learnt: Partners,
): Ledger {
  const { conventions, registrations } = all
  const { open, unmatched: notOwn, paired } = withoutOwnPairs(changes)
  const droppedBy = new Map([...paired].map(([get, put]) => [get.event, put.event]))
  if (notOwn.length === 0)
    return { outstanding: open.map(({ event }) => event), droppedBy, thefts: [], handOvers: [] }
  const owned = ownedOn(notOwn, initial, all)
  const takers = new Set(changes.filter(({ event }) => event.type === 'ref.get').map(({ holder }) => holder))
  /** The functions whose references a dropper drops by convention; undefined if none of them took one. */
  const partnersOfDropper = (dropper: string): ReadonlySet<string> | undefined => {
    const own = conventions.get(dropper)
    return own !== undefined && [...own].some((taker) => takers.has(taker)) ? own : undefined
  }
  /**
   * False for a reference of something else than a device, if by convention the dropper only drops those of devices. A
   * registration that fails leaves no event, so its own calls also count.
   */
  const fitsConvention = (put: Change, get: Change): boolean => {
    const own = conventions.get(put.holder)
    return (
      own === undefined ||
      !registrations.wereMadeBy(own, put.event) ||
      registrations.isTakenFor(get.event) ||
      [...own].some((name) => isInCallOf(get, name))
    )
  }
  const handOvers: HandOver[] = []
  const mayDrop = (put: Change, get: Change, isOfDead = false): boolean =>
    !owned.has(get.holder) &&
    isAlive(get, put) !== isOfDead &&
    fitsConvention(put, get) &&
    (!get.isInitial || initial.mayBeDropped(get.event, put.event))
  /** True if a function that the dropper called may have returned the reference to it. */
  const isReturned = (get: Change, put: Change): boolean =>
    get.event.seq < put.event.seq &&
    !owned.has(get.holder) &&
    isAlive(get, put) &&
    !get.isInitial &&
    isInCallOf(get, put.holder)
  const takersBefore = (put: Change, gets: readonly Change[], isOfDead = false): Set<string> => {
    const takers = new Set<string>()
    for (const get of gets) {
      if (get.event.seq >= put.event.seq) break
      if (mayDrop(put, get, isOfDead)) takers.add(get.holder)
    }
    return takers
  }
  const isUnownedInitial = (get: Change): boolean => !owned.has(get.holder) && get.isInitial
  const handOver = (
    put: Change,
    { event: get, holder: taker }: Change,
    possible: ReadonlySet<string> = new Set([taker]),
    certain = true,
  ): void => {
    droppedBy.set(get, put.event)
    handOvers.push({ put: put.event, get, dropper: put.holder, taker, possible, certain })
  }
  const byConvention = notOwn.filter((put) => {
    const own = partnersOfDropper(put.holder)
    if (own !== undefined) {
      const get = takeLatest(open, put, ({ holder }) => own.has(holder))
      if (get !== null) droppedBy.set(get.event, put.event)
      return get === null
    }
    const detach = initial.detachBefore(put.event)
    if (detach === null || holdsOwn(paired, put, detach) || open.some((get) => isReturned(get, put)))
      return true
    const handed = takeLatest(open, put, isUnownedInitial)
    if (handed === null) return true
    handOver(put, handed)
    return false
  })
  const unowned = [...open]
  /** Cache: a function drops many references of a busy object, and call chains are long. */
  const inCallsOf = new Map<string, ReadonlySet<Change>>()
  const takenInCallsOf = (name: string): ReadonlySet<Change> => {
    let taken = inCallsOf.get(name)
    if (taken === undefined) {
      taken = new Set(unowned.filter((get) => !owned.has(get.holder) && isInCallOf(get, name)))
      inCallsOf.set(name, taken)
    }
    return taken
  }
  const isEarlier = (get: Change, put: Change): boolean => get.event.seq < put.event.seq
  /** Those of the references that pass a test if any reference passed it at first; otherwise all. */
  const preferring = (passes: (get: Change) => boolean, gets: readonly Change[]): readonly Change[] =>
    unowned.some(passes) ? gets.filter(passes) : gets
  /** Those that were taken in calls of the dropper, which a lookup may have returned to it. */
  const within = (put: Change, gets: readonly Change[]): readonly Change[] => {
    const taken = takenInCallsOf(put.holder)
    return preferring((get) => isEarlier(get, put) && taken.has(get), gets)
  }
  /** Those that the caller of the dropper took, for example by a lookup, and may have passed to it. */
  const passedTo = (put: Change, gets: readonly Change[]): readonly Change[] => {
    const isOfCaller = takenByCallerOf(put)
    return preferring((get) => isEarlier(get, put) && isOfCaller(get) && mayDrop(put, get), gets)
  }
  const allowedFor = (put: Change, gets: readonly Change[]): readonly Change[] =>
    within(put, passedTo(put, gets))
  const unmatched = byConvention.filter((put) => {
    const own = learnt.get(put.holder)
    const passed = passedTo(put, open)
    const allowed = within(put, passed)
    const fits = (get: Change): boolean => own?.has(get.holder) === true && mayDrop(put, get)
    const handed =
      takeLatest(open, put, (get) => fits(get) && allowed.includes(get)) ??
      takeLatest(open, put, (get) => fits(get) && passed.includes(get))
    if (handed === null) return true
    handOver(put, handed, takersBefore(put, allowedFor(put, unowned)))
    return false
  })
  let isGuessed = false
  /** Hands over a reference to a function that took none. */
  const isHandedOver = (put: Change, isOfDead = false): boolean => {
    if (takers.has(put.holder) || partnersOfDropper(put.holder) !== undefined) return false
    const allowed = allowedFor(put, open)
    const candidates = takersBefore(put, allowed, isOfDead)
    const handed = takeLatest(open, put, (get) => candidates.has(get.holder) && allowed.includes(get))
    if (handed === null) return false
    isGuessed ||= candidates.size > 1
    handOver(put, handed, takersBefore(put, allowedFor(put, unowned), isOfDead), !isGuessed)
    return true
  }
  /** Takes a reference that a function may have stored before its task died. A call drops only its own, if it took one. */
  const takeStored = (put: Change): Change | null => {
    const isOfCall = ({ event, holder }: Change): boolean =>
      holder === put.holder && event.step === put.event.step && event.task === put.event.task
    const mayBeStored = (get: Change): boolean => get.holder === put.holder && !isAlive(get, put)
    if (!open.some(mayBeStored)) return null
    if (changes.some((one) => one.event.type === 'ref.get' && isOfCall(one))) return null
    return takeLatest(open, put, mayBeStored)
  }
  const thefts = unmatched.flatMap((put): Theft[] => {
    if (isHandedOver(put)) return []
    // The function has dropped all references of its own. If it detaches the node, it may drop the initial one too.
    const left = initial.isDetachedByCaller(put.event)
      ? (takeLatest(open, put, (get) => isReturned(get, put)) ?? takeLatest(open, put, isUnownedInitial))
      : null
    if (left !== null) {
      handOver(put, left)
      return []
    }
    if (isHandedOver(put, true)) return []
    const stored = takeStored(put)
    if (stored !== null) {
      droppedBy.set(stored.event, put.event)
      return []
    }
    const taken = takeLatest(open, put, ({ holder }) => owned.has(holder)) ?? takeLatest(open, put)
    return [{ put: put.event, taken: taken?.event ?? null }]
  })
  return { outstanding: open.map(({ event }) => event), droppedBy, thefts, handOvers }
}

/**
 * Matches each put in a run with the get that it undoes. It tries the dropper's own gets first, then those that it
 * drops by convention: those that the engine names, and the initial reference of a node that the dropper detached and
 * on which it holds no reference of its own. If no function that the engine names took one, the patches let another
 * function take it, and there is no convention. But if the convention is about the references of devices, it must have
 * been taken in or around the registration of a device. A remaining put is
 *
 * - a hand-over, if the dropper never took a reference itself. It then drops the latest one that has no owner by
 *   convention, of those taken in its own calls if there are any: a lookup returned them. If the call of its caller
 *   took some, it drops no others: the caller passed them to it. If several takers are possible, other objects decide:
 *   a function drops the references of the same takers on each object. While a node is in the tree, only the function
 *   that made it can hand over its initial reference. A function that detaches a node may drop the initial reference
 *   after all those of its own, even if it does so before the detach. So it may if the function that drops the initial
 *   reference by convention did not drop it;
 * - a theft, if the dropper already dropped its own reference, or the one that was returned to it, or if only
 *   references with another owner are left. The lost reference is then a reference with an owner, because the owner
 *   relies on it. No function would have dropped the other references.
 *
 * Once a task has died or hung in a call, the references of that call are dropped last, apart from those with an owner
 * by convention. The call may have stored them, or the task waits for a worker that drops them. So a put is only a
 * theft if no such reference can be its own either.
 *
 * Gets and puts that did not change the counter are ignored.
 *
 * @returns the ledger of each counted object
 */
export function ledgersOf(run: RunRecord): ReadonlyMap<string, Ledger> {
  const known = ledgers.get(run) ?? makeLedgers(run)
  ledgers.set(run, known)
  return known
}

/** Cache: several oracles read the ledgers of a run. */
const ledgers = new WeakMap<RunRecord, ReadonlyMap<string, Ledger>>()

/** The ledgers of an object. */
interface Balanced {
  readonly facts: KernelFacts
  readonly changes: readonly Change[]
  /** The ledger without anything learnt from other objects. */
  readonly first: Ledger
  /** The ledgers with what was learnt, by its key. */
  readonly final: Map<string, Ledger>
}

/**
 * Cache of the ledgers of objects, by their last change. Runs that start from the same saved boot share its events, and
 * most objects do not change after the boot. Such a ledger is the same in each of these runs, although it depends on
 * more than the object's own changes:
 *
 * - What is asked about the initial reference at a change of the boot is whether the node was in the tree then.
 * - Only the registrations of the boot count: those before the put, and those in the step of the get.
 * - A task that dies in the boot dies in each of these runs.
 */
const atBoot = new WeakMap<CountEvent, Balanced>()

/** The changes of one object, in order. */
type ObjectChanges = readonly [CountEvent, ...CountEvent[]]

/** Balances the changes of an object before anything is learnt from others. */
function balanceFirst(events: ObjectChanges, initial: InitialReference, conventions: Conventions): Balanced {
  const { facts } = conventions
  const last = events.at(-1) ?? events[0]
  // A later detach may give the initial reference another owner.
  const isOfBoot = last.step === 0 && !initial.wasDetached
  const known = isOfBoot ? atBoot.get(last) : undefined
  if (known?.facts === facts) return known
  const changes = toChanges(events, conventions)
  const first = balance(changes, initial, conventions, new Map())
  const made = { facts, changes, first, final: new Map<string, Ledger>() }
  if (isOfBoot) atBoot.set(last, made)
  return made
}

/** Text that is equal for equal partners. */
const keyOf = (partners: Partners): string =>
  [...partners].map(([dropper, takers]) => `${dropper}: ${[...takers].join(' ')}`).join('\n')

/**
 * The takers whose references a function drops: those that are possible on each object. If there are none, it has
 * several kinds of takers, and those that are certain on some object count.
 */
function partnersOf(handOvers: readonly HandOver[]): Partners {
  return new Map(
    [...groupBy(handOvers, ({ dropper }) => dropper)].map(([dropper, own]) => {
      const [{ possible }] = own
      const always = [...possible].filter((taker) => own.every((one) => one.possible.has(taker)))
      const certain = own.filter((one) => one.certain).map(({ taker }) => taker)
      return [dropper, new Set(always.length > 0 ? always : certain)]
    }),
  )
}

function makeLedgers(run: RunRecord): Map<string, Ledger> {
  const conventions = conventionsOf(run)
  const initialOf = initialReferencesOf(run)
  const effective = eventsOf(run, 'ref.get', 'ref.put').filter(({ before, after }) => before !== after)
  const all = [...groupBy(effective, ({ object }) => object)].map(([object, events]) => {
    const initial = initialOf(object)
    return { object, initial, balanced: balanceFirst(events, initial, conventions) }
  })
  const learnt = partnersOf(all.flatMap(({ balanced }) => balanced.first.handOvers))
  const learntKey = keyOf(learnt)
  return new Map(
    all.map(({ object, initial, balanced: { changes, first, final } }) => {
      // If every put has its get, there is nothing to learn.
      if (first.handOvers.length === 0 && first.thefts.length === 0) return [object, first]
      const ledger = final.get(learntKey) ?? balance(changes, initial, conventions, learnt)
      final.set(learntKey, ledger)
      return [object, ledger]
    }),
  )
}
