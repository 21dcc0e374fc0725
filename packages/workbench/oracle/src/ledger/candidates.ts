// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from '@pfo-workbench/run'
import { callOf, isInCall, type CountEvent } from '../initial-reference.ts'
import { isEarlier, isInCallOf, type DropRules } from './drop-rules.ts'
import type { HandOver } from './ledger.ts'
import type { Change } from './reference-changes.ts'

/** A put, and the pass of the ledger that looks for its reference. */
interface Search {
  readonly put: Change
  /** True to look for references of calls in which the task died or hung; false to look for all others. */
  readonly ofDead: boolean
}

/**
 * Says which reference of another function a put most likely drops.
 *
 * - A reference that the caller of the dropper took, itself or by a lookup, and passed to the dropper. Once the dropper
 *   has dropped such a reference, it may drop only passed references in the same call of its caller.
 * - A reference that a lookup returned in a call of the dropper. Once all of these are dropped, the dropper may drop no
 *   other references.
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

  /** The references that the caller passed to the dropper; if there are none, all that the dropper may still drop. */
  passedOrAll(search: Search, open: readonly Change[]): readonly Change[] {
    const passed = this.passed(search, open)
    return passed.length > 0 ? passed : this.remaining(search, open)
  }

  /** The references of `passedOrAll`, reduced to those that lookups returned to the dropper (`preferReturned`). */
  likely(search: Search, open: readonly Change[]): readonly Change[] {
    return this.preferReturned(search, this.passed(search, open), this.remaining(search, open))
  }

  /** The functions that took those of the given references that a put may drop. */
  takersOf({ put, ofDead }: Search, gets: readonly Change[]): Set<string> {
    const own = gets.filter((get) => isEarlier(get, put) && this.rules.mayDrop(put, get, ofDead))
    return new Set(own.map(({ holder }) => holder))
  }

  /**
   * The functions whose reference a put may drop, whatever is assumed about earlier puts.
   *
   * @param get - the reference that the put is assumed to drop
   */
  possibleTakers(search: Search, get: Change): Set<string> {
    const passed = this.isPassed(search, get) ? this.passed(search, this.gets) : []
    return this.takersOf(search, this.preferReturned(search, passed, this.gets))
  }

  /** The call that called the dropper; empty if there is none, or if a dispatcher made it: it passes no references. */
  private callerOf({ event: put, holder }: Change): CallChain {
    const caller = callOf(put.chain, holder).slice(1)
    return caller[0] === undefined || this.rules.isDispatcher(caller[0].function) ? [] : caller
  }

  private isPassed({ put, ofDead }: Search, get: Change): boolean {
    return isEarlier(get, put) && this.isOfCaller(put, get.event) && this.rules.mayDrop(put, get, ofDead)
  }

  private isOfCaller(put: Change, event: CountEvent): boolean {
    const caller = this.callerOf(put)
    return caller.length > 0 && isInCall(caller, put.event, event)
  }

  private passed(search: Search, gets: readonly Change[]): readonly Change[] {
    return gets.filter((get) => this.isPassed(search, get))
  }

  /** All references, or none if the dropper already dropped one that the same call of its caller passed to it. */
  private remaining({ put }: Search, open: readonly Change[]): readonly Change[] {
    const hasDroppedPassed = this.handOvers.some(
      (one) => one.dropper === put.holder && this.isOfCaller(put, one.put) && this.isOfCaller(put, one.get),
    )
    return hasDroppedPassed ? [] : open
  }

  /**
   * Selects the references that lookups returned to the dropper, that is, those taken in its calls. If references were
   * passed, selects among these; if none of them was returned, all passed ones remain. If none was passed, selects
   * among the others; all of them remain only if no lookup returned a reference before the put, dropped or not.
   */
  private preferReturned(
    { put }: Search,
    passed: readonly Change[],
    others: readonly Change[],
  ): readonly Change[] {
    const taken = this.takenInCallsOf(put.holder)
    if (passed.length > 0) {
      const returned = passed.filter((get) => taken.has(get))
      return returned.length > 0 ? returned : passed
    }
    const wereReturned = this.gets.some((get) => isEarlier(get, put) && taken.has(get))
    return wereReturned ? others.filter((get) => taken.has(get)) : others
  }

  private takenInCallsOf(name: string): ReadonlySet<Change> {
    const known = this.inCallsOf.get(name)
    if (known !== undefined) return known
    const taken = new Set(this.gets.filter((get) => !this.rules.isOwned(get) && isInCallOf(get, name)))
    this.inCallsOf.set(name, taken)
    return taken
  }
}
