// SPDX-License-Identifier: GPL-2.0-only
import { isEarlier, isInCallOf, type DropRules } from './drop-rules.ts'
import { callOf, isInCall } from '../initial-reference.ts'
import type { Change } from './reference-changes.ts'

/** Returns a test for gets that happened in the call that called the dropper. */
function takenByCallerOf({ event: put, holder }: Change): (get: Change) => boolean {
  const caller = callOf(put.chain, holder).slice(1)
  return (get) => caller.length > 0 && isInCall(caller, put, get.event)
}

/** The references on one object that their takers did not drop: says which of them a put most likely drops. */
export class Candidates {
  private readonly gets: readonly Change[]
  private readonly rules: DropRules
  /** Cache: a function drops many references of a busy object, and call chains are long. */
  private readonly inCallsOf = new Map<string, ReadonlySet<Change>>()

  /** @param gets - the references that are left after all puts with an owner or a convention */
  constructor(gets: readonly Change[], rules: DropRules) {
    this.gets = gets
    this.rules = rules
  }

  /** Those of the references that were taken in calls of the dropper, which a lookup may have returned to it. */
  within(put: Change, gets: readonly Change[]): readonly Change[] {
    const taken = this.takenInCallsOf(put.holder)
    return this.preferring((get) => isEarlier(get, put) && taken.has(get), gets)
  }

  /** Those of the references that the caller of the dropper took, for example by a lookup, and may have passed to it. */
  passedTo(put: Change, gets: readonly Change[]): readonly Change[] {
    const isOfCaller = takenByCallerOf(put)
    return this.preferring(
      (get) => isEarlier(get, put) && isOfCaller(get) && this.rules.mayDrop(put, get),
      gets,
    )
  }

  /** Those of the references that pass both preferences. */
  preferred(put: Change, gets: readonly Change[]): readonly Change[] {
    return this.within(put, this.passedTo(put, gets))
  }

  /** The functions that took those of the references that a put may drop. */
  takersBefore(put: Change, gets: readonly Change[], ofDead: boolean): Set<string> {
    const before = gets.filter((get) => isEarlier(get, put) && this.rules.mayDrop(put, get, ofDead))
    return new Set(before.map(({ holder }) => holder))
  }

  /** The functions whose reference a put may drop, whatever is assumed about earlier puts. */
  possibleTakers(put: Change, ofDead: boolean): Set<string> {
    return this.takersBefore(put, this.preferred(put, this.gets), ofDead)
  }

  /** Those of the references that pass a test if any reference passed it at first; otherwise all. */
  private preferring(passes: (get: Change) => boolean, gets: readonly Change[]): readonly Change[] {
    return this.gets.some(passes) ? gets.filter(passes) : gets
  }

  private takenInCallsOf(name: string): ReadonlySet<Change> {
    const known = this.inCallsOf.get(name)
    if (known !== undefined) return known
    const taken = new Set(this.gets.filter((get) => !this.rules.isOwned(get) && isInCallOf(get, name)))
    this.inCallsOf.set(name, taken)
    return taken
  }
}
