// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, functionsWithOwner, roleOf, type KernelFacts, type RunRecord } from '@pfo-workbench/run'
import { groupBy } from '../events-by-subject.ts'
import { initialReferencesOf, type CountEvent, type InitialReference } from '../initial-reference.ts'
import { registrationsOf } from '../registrations.ts'
import { endOfCalls } from '../unfinished-calls.ts'
import { balance } from './balance.ts'
import type { LedgerFacts, Partners } from './drop-rules.ts'
import type { HandOver, Ledger } from './ledger.ts'
import { toChanges, type Change } from './reference-changes.ts'

/**
 * The facts of a run. A convention lets one function drop references that another one took. Such a reference has an
 * owner, which must still drop it. Without a convention, only the taker can drop the reference. If the taker does not,
 * the reference is leaked.
 */
function factsOf(run: RunRecord): LedgerFacts {
  const { facts } = run
  const owned = functionsWithOwner(facts)
  const conventions = Object.entries(facts.dropsFor)
  const areForDevices = (taker: string): boolean =>
    conventions.every(
      ([dropper, takers]) => !takers.includes(taker) || roleOf(facts, dropper) === 'device-release',
    )
  return {
    facts,
    dropsFor: new Map(conventions.map(([dropper, takers]) => [dropper, new Set(takers)])),
    owned,
    takersForDevices: new Set([...owned].filter(areForDevices)),
    diesAt: endOfCalls(run),
    registrations: registrationsOf(run),
  }
}

/**
 * Matches each put in a run with the get that it undoes. The dropper's own gets come first. Next come the gets that the
 * dropper undoes by convention: those of the functions that the engine names, and the initial reference of a node that
 * the dropper detached and on which it holds no reference of its own. If none of the named functions took a reference
 * on the object, the patches moved the get to another function, and the convention does not apply. But if the
 * convention is about references of devices, the dropper may then drop only a reference that was taken in or around
 * the registration of a device. A remaining put is
 *
 * - a hand-over, if the dropper never took a reference on the object itself, or took none in this call and its caller
 *   or one of its lookups took one. It drops the latest reference that has no owner by convention, or that was taken for
 *   a device that is not registered yet. References that the caller of the dropper passed to it come first: those taken
 *   in the same call of the caller, but not below a dispatcher, a deferred call or a probe. Next come references taken
 *   in the same call of the dropper, which a lookup returned, and then those of earlier calls, which the dropper may
 *   have stored. If several takers are possible, other objects decide: a function drops the references of the same
 *   takers on each object. While a node is in the tree, only the function that made the node may drop its initial
 *   reference. Exception: a function that detaches the node may drop the initial reference after all references of its
 *   own, even if the put comes before the detach. An initial reference with an owner by convention may only be handed over if the node was never in the tree,
 *   or if it was detached and the owner did not try to drop the reference;
 * - a theft otherwise: for example, the dropper already dropped its own reference, or the one that was returned or
 *   passed to it, or only references with another owner are left. If a reference with an owner is left, the theft takes
 *   it, because the owner relies on it. No function would have dropped the other references.
 *
 * Once a task has died or hung in a call, the references of that call are dropped last, apart from those with an owner
 * by convention. The call may have stored them, or the task waits for a worker that drops them. So a put is a theft
 * only if it cannot have dropped such a reference either.
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
  readonly wasAttached: boolean
  readonly changes: readonly Change[]
  /** The ledger without anything learnt from other objects. */
  readonly first: Ledger
  /** The ledgers that use what was learnt from other objects, by `keyOf` the learnt partners. */
  readonly final: Map<string, Ledger>
}

/**
 * Cache of the ledgers of objects, by their last change. Runs that start from the same saved boot share its events, and
 * most objects do not change after the boot. Such a ledger is the same in each of these runs, although it depends on
 * more than the object's own changes:
 *
 * - For a change in the boot, the rules of the initial reference depend only on whether the node was in the tree then,
 *   and on `wasAttached`.
 * - Only the registrations of the boot count: those before the put, and those in the step of the get.
 * - A task that dies in the boot dies in each of these runs.
 */
const atBoot = new WeakMap<CountEvent, Balanced>()

/** The changes of one object, in order. */
type ObjectChanges = readonly [CountEvent, ...CountEvent[]]

/** Balances the changes of an object before anything is learnt from others. */
function balanceFirst(events: ObjectChanges, initial: InitialReference, known: LedgerFacts): Balanced {
  const { facts } = known
  const last = events.at(-1) ?? events[0]
  // A later detach may give the initial reference another owner.
  const isOfBoot = last.step === 0 && !initial.wasDetached
  const kept = isOfBoot ? atBoot.get(last) : undefined
  const { wasAttached } = initial
  if (kept?.facts === facts && kept.wasAttached === wasAttached) return kept
  const changes = toChanges(events, known)
  const first = balance(changes, initial, known, new Map())
  const made = { facts, wasAttached, changes, first, final: new Map<string, Ledger>() }
  if (isOfBoot) atBoot.set(last, made)
  return made
}

/** Text that is equal for equal partners. */
const keyOf = (partners: Partners): string =>
  [...partners].map(([dropper, takers]) => `${dropper}: ${[...takers].join(' ')}`).join('\n')

/**
 * Maps each dropper to the takers whose references it drops: those that are possible in each of its hand-overs. If
 * there are none, the dropper has several kinds of takers. Then the takers of its certain hand-overs count.
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
  const facts = factsOf(run)
  const initialOf = initialReferencesOf(run)
  const effective = eventsOf(run, 'ref.get', 'ref.put').filter(({ before, after }) => before !== after)
  const all = [...groupBy(effective, ({ object }) => object)].map(([object, events]) => {
    const initial = initialOf(object)
    return { object, initial, balanced: balanceFirst(events, initial, facts) }
  })
  const learnt = partnersOf(all.flatMap(({ balanced }) => balanced.first.handOvers))
  const learntKey = keyOf(learnt)
  return new Map(
    all.map(({ object, initial, balanced: { changes, first, final } }) => {
      // Without hand-overs and thefts, what was learnt from other objects changes nothing.
      if (first.handOvers.length === 0 && first.thefts.length === 0) return [object, first]
      const ledger = final.get(learntKey) ?? balance(changes, initial, facts, learnt)
      final.set(learntKey, ledger)
      return [object, ledger]
    }),
  )
}
