// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from '@pfo-workbench/run'
import { belowCall, callOf, isInCall, type CountEvent } from '../initial-reference.ts'
import type { DropRules } from './drop-rules.ts'
import type { HandOver } from './ledger.ts'
import { isAlive, isEarlier, type Change } from './reference-changes.ts'

/**
 * Where to look for the reference that a put drops:
 *
 * - `finished-calls`: among references of calls in which the task neither died nor hung
 * - `dead-calls`: among the references of all other calls
 * - `other-tasks`: as `finished-calls`, but also among references that other tasks may have left for a deferred call.
 *   The last resort, once all other puts are matched
 */
export type Scope = 'finished-calls' | 'dead-calls' | 'other-tasks'

/** A put whose reference the ledger looks for. */
interface Search {
  readonly put: Change
  readonly scope: Scope
  /** The call that called the dropper; empty if there is none, or if it passes no references. */
  readonly caller: CallChain
  /** True if the dropper was called later for a task that asked for the call. */
  readonly isDeferred: boolean
}

/** True if an event happened in the call that called the dropper. */
const isOfCaller = ({ put, caller }: Search, event: CountEvent): boolean =>
  caller.length > 0 && isInCall(caller, put.event, event)

/**
 * Says which reference of another function a put most likely drops.
 *
 * - A reference that the caller of the dropper, or a function that it called, took in the same call and passed to the
 *   dropper. Once the dropper has dropped such a reference, it may drop only passed references in the same call of its
 *   caller.
 * - A reference that a lookup returned in the same call of the dropper. Once all of these are dropped, this call may
 *   drop only references that callbacks and probes below it left, or that other tasks left for a deferred call. Next
 *   come references that lookups returned in earlier calls of the dropper.
 */
export class Candidates {
  private readonly gets: readonly Change[]
  private readonly rules: DropRules
  private readonly handOvers: readonly HandOver[]
  /** Cache: a function drops many references of a busy object, and call chains are long. */
  private readonly inCallsOf = new Map<string, ReadonlySet<Change>>()

  /**
   * @param gets - the references that are left once functions dropped their own and those that conventions name
   * @param handOvers - the references that were handed over so far; grows while the puts are matched
   */
  constructor(gets: readonly Change[], rules: DropRules, handOvers: readonly HandOver[]) {
    this.gets = gets
    this.rules = rules
    this.handOvers = handOvers
  }

  search(put: Change, scope: Scope): Search {
    const caller = callOf(put.event.chain, put.holder).slice(1)
    const [first] = caller
    const isPassing = first !== undefined && this.rules.passesReferences(first.function)
    // Some engines start a deferred call without the function that runs it.
    const isDeferred = first === undefined || this.rules.runsDeferredCalls(first.function)
    return { put, scope, caller: isPassing ? caller : [], isDeferred }
  }

  /**
   * True if the caller of the dropper took one of the references and passed it to the dropper: it took the reference
   * itself, or a lookup did. A function that takes a reference without a lookup stores it.
   */
  hasPassed(search: Search, gets: readonly Change[]): boolean {
    const [caller] = search.caller
    return gets.some(
      (get) => (get.holder === caller?.function || get.via !== null) && this.isPassed(search, get),
    )
  }

  /**
   * Selects from the open references.
   *
   * @returns `possible`: the references that the caller passed to the dropper; if there are none, all that the dropper
   *   may still drop. `likely`: those of them that lookups returned to the dropper (`preferReturned`). If `likely` is
   *   empty, so is `possible`
   */
  among(search: Search, open: readonly Change[]): Readonly<Record<'possible' | 'likely', readonly Change[]>> {
    const passed = this.passed(search, open)
    const possible = passed.length > 0 ? passed : this.remaining(search, open)
    const likely = this.preferReturned(search, possible, passed.length > 0)
    return { possible: likely.length > 0 ? possible : [], likely }
  }

  /** True if a put may drop a reference in the scope of the search. */
  mayDrop({ put, scope }: Search, get: Change): boolean {
    return isAlive(get, put) === (scope !== 'dead-calls') && this.rules.mayDrop(put, get)
  }

  /** The functions that took those of the given references that a put may drop. */
  takersOf(search: Search, gets: readonly Change[]): Set<string> {
    const own = gets.filter((get) => isEarlier(get, search.put) && this.mayDrop(search, get))
    return new Set(own.map(({ holder }) => holder))
  }

  /**
   * The functions whose reference a put may drop, whatever is assumed about earlier puts.
   *
   * @param get - the reference that the put is assumed to drop
   */
  possibleTakers(search: Search, get: Change): Set<string> {
    const isPassed = this.isPassed(search, get)
    const gets = isPassed ? this.passed(search, this.gets) : this.gets
    return this.takersOf(search, this.preferReturned(search, gets, isPassed))
  }

  private isPassed(search: Search, get: Change): boolean {
    return isEarlier(get, search.put) && this.isForCaller(search, get.event) && this.mayDrop(search, get)
  }

  /**
   * True if a reference was taken in the call that called the dropper, but not below a dispatcher, a deferred call or a
   * probe.
   */
  private isForCaller(search: Search, get: CountEvent): boolean {
    return isOfCaller(search, get) && this.rules.mayReturnReferences(belowCall(search.caller, get.chain))
  }

  private passed(search: Search, gets: readonly Change[]): readonly Change[] {
    return gets.filter((get) => this.isPassed(search, get))
  }

  /** All references, or none if the dropper already dropped one that the same call of its caller passed to it. */
  private remaining(search: Search, open: readonly Change[]): readonly Change[] {
    const hasDroppedPassed = this.handOvers.some(
      ({ dropper, put, get }) =>
        dropper === search.put.holder &&
        put.seq < search.put.event.seq &&
        isOfCaller(search, put) &&
        isOfCaller(search, get) &&
        this.rules.areDirectCalls(belowCall(search.caller, get.chain)),
    )
    return hasDroppedPassed ? [] : open
  }

  /**
   * Selects the references that lookups returned to the dropper: those taken before the put in the same call of the
   * dropper. If there are none, passed references all remain. If a lookup returned one, but it is dropped, only those
   * remain that callbacks and probes below the dropper left in this call, and those that other tasks left for a deferred
   * call. Otherwise selects those that lookups returned in earlier calls of the dropper, which may have stored them, or
   * else all.
   */
  private preferReturned(
    { put, scope, isDeferred }: Search,
    gets: readonly Change[],
    isPassed: boolean,
  ): readonly Change[] {
    const taken = this.takenInCallsOf(put.holder)
    const call = callOf(put.event.chain, put.holder)
    const isStored = (get: Change): boolean => isEarlier(get, put) && taken.has(get)
    const isBelow = (get: Change): boolean => isEarlier(get, put) && isInCall(call, put.event, get.event)
    const isReturned = (get: Change): boolean => taken.has(get) && isBelow(get)
    const returned = gets.filter(isReturned)
    if (returned.length > 0) return returned
    if (isPassed) return gets
    const isOfLookup = (get: Change): boolean =>
      isReturned(get) && this.rules.areDirectCalls(belowCall(call, get.event.chain))
    if (this.gets.some(isOfLookup)) {
      const isLeft = ({ event }: Change): boolean => isDeferred && event.task !== put.event.task
      return gets.filter((get) => isBelow(get) || (scope === 'other-tasks' && isLeft(get)))
    }
    const stored = gets.filter(isStored)
    return stored.length > 0 ? stored : gets
  }

  private takenInCallsOf(name: string): ReadonlySet<Change> {
    const known = this.inCallsOf.get(name)
    if (known !== undefined) return known
    const taken = new Set(
      this.gets.filter((get) => !this.rules.isOwned(get) && this.rules.isReturnedTo(get, name)),
    )
    this.inCallsOf.set(name, taken)
    return taken
  }
}
