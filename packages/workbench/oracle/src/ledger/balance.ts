// SPDX-License-Identifier: GPL-2.0-only
import { Candidates, type Scope } from './candidates.ts'
import { DropRules, type LedgerFacts, type Partners } from './drop-rules.ts'
import type { CountEvent, InitialReference } from '../initial-reference.ts'
import type { HandOver, Ledger, Theft } from './ledger.ts'
import { isAlive, takeLatest, withoutOwnPairs, type Change } from './reference-changes.ts'

/** Matches puts with references of other functions. Each stage leaves the puts that it cannot match. */
class Balancing {
  readonly handOvers: HandOver[] = []
  private readonly rules: DropRules
  private readonly open: Change[]
  private readonly droppedBy: Map<CountEvent, CountEvent>
  /** True once a hand-over had several possible takers: the takers of later ones are then guessed, too. */
  private isGuessed = false

  /**
   * @param open - the references that no put has dropped yet; the stages take from it
   * @param droppedBy - the put of each reference that was dropped; the stages add to it
   */
  constructor(rules: DropRules, open: Change[], droppedBy: Map<CountEvent, CountEvent>) {
    this.rules = rules
    this.open = open
    this.droppedBy = droppedBy
  }

  /**
   * Drops references that the conventions name, and the initial reference of a node that the dropper detached and on
   * which it holds no reference of its own.
   */
  byConvention(puts: readonly Change[]): Change[] {
    return puts.filter((put) => {
      const takers = this.rules.conventionOf(put.holder)
      if (takers !== undefined) return !this.tryDrop(put, ({ holder }) => takers.has(holder))
      if (!this.rules.dropsInitialAfterDetach(put, this.open)) return true
      return !this.tryHandOver(put, this.rules.isUnownedInitial)
    })
  }

  /** Hands over references of the takers whose references the same function drops on other objects. */
  asLearnt(puts: readonly Change[], candidates: Candidates, learnt: Partners): Change[] {
    return puts.filter((put) => {
      const takers = learnt.get(put.holder)
      if (takers === undefined) return true
      const search = candidates.search(put, 'finished-calls')
      const { possible, likely } = candidates.among(search, this.open)
      const fits = (get: Change): boolean => takers.has(get.holder) && candidates.mayDrop(search, get)
      const get =
        takeLatest(this.open, put, (one) => fits(one) && likely.includes(one)) ??
        takeLatest(this.open, put, (one) => fits(one) && possible.includes(one))
      if (get === null) return true
      this.handOver(put, get, candidates.possibleTakers(search, get))
      return false
    })
  }

  /**
   * Drops references that others left to the dropper: first those of finished calls, then those of a node that the
   * dropper detaches, and then those of calls in which the task died. Next come references of the dropper itself that it
   * stored before its task died, and last those that other tasks may have left for a deferred call. The puts that are
   * left are thefts.
   */
  handedOverOrStolen(puts: readonly Change[], candidates: Candidates): Theft[] {
    const unmatched = puts.filter(
      (put) =>
        !this.tryHandOverTo(put, candidates, 'finished-calls') &&
        !this.tryHandOverByDetach(put) &&
        !this.tryHandOverTo(put, candidates, 'dead-calls') &&
        !this.tryDropStored(put),
    )
    return unmatched.flatMap((put): Theft[] => {
      if (this.tryHandOverTo(put, candidates, 'other-tasks')) return []
      const taken = takeLatest(this.open, put, this.rules.isOwned) ?? takeLatest(this.open, put)
      return [{ put: put.event, taken: taken?.event ?? null }]
    })
  }

  /**
   * Hands over a reference to a function that took none, or to one that took none in this call and that was passed one.
   * False for other functions, or if no reference fits.
   */
  private tryHandOverTo(put: Change, candidates: Candidates, scope: Scope): boolean {
    const search = candidates.search(put, scope)
    const mayReceive =
      this.rules.isOnlyDropper(put.holder) ||
      (this.rules.tookNothingInCall(put) && candidates.hasPassed(search, this.open))
    if (!mayReceive) return false
    const { likely } = candidates.among(search, this.open)
    const takers = candidates.takersOf(search, likely)
    const get = takeLatest(this.open, put, (one) => likely.includes(one) && candidates.mayDrop(search, one))
    if (get === null) return false
    this.isGuessed ||= takers.size > 1
    this.handOver(put, get, candidates.possibleTakers(search, get), !this.isGuessed)
    return true
  }

  /**
   * Hands over a reference on a node that the dropper detaches: one that a lookup returned to the dropper, or else the
   * initial reference of the node.
   */
  private tryHandOverByDetach(put: Change): boolean {
    return (
      this.rules.isDetachedByCaller(put) &&
      (this.tryHandOver(put, (one) => this.rules.isReturned(one, put)) ||
        this.tryHandOver(put, this.rules.isUnownedInitial))
    )
  }

  /** Drops a reference that the dropper itself took and may have stored before its task died. */
  private tryDropStored(put: Change): boolean {
    const mayBeStored = (get: Change): boolean => get.holder === put.holder && !isAlive(get, put)
    return this.open.some(mayBeStored) && this.rules.tookNothingInStep(put) && this.tryDrop(put, mayBeStored)
  }

  /** Drops the latest fitting reference without a hand-over, because the dropper may drop it; false if none fits. */
  private tryDrop(put: Change, fits: (get: Change) => boolean): boolean {
    const get = takeLatest(this.open, put, fits)
    if (get !== null) this.droppedBy.set(get.event, put.event)
    return get !== null
  }

  /** Hands over the latest fitting reference; false if none fits. */
  private tryHandOver(put: Change, fits: (get: Change) => boolean): boolean {
    const get = takeLatest(this.open, put, fits)
    if (get !== null) this.handOver(put, get)
    return get !== null
  }

  private handOver(
    { event: put, holder: dropper }: Change,
    { event: get, holder: taker }: Change,
    possible: ReadonlySet<string> = new Set([taker]),
    certain = true,
  ): void {
    this.droppedBy.set(get, put)
    this.handOvers.push({ put, get, dropper, taker, possible, certain })
  }
}

/**
 * Matches the puts on one object with the gets that they undo.
 *
 * @param changes - the gets and puts of the object, in order
 * @param learnt - the takers whose references each function drops on other objects
 */
export function balance(
  changes: readonly Change[],
  initial: InitialReference,
  known: LedgerFacts,
  learnt: Partners,
): Ledger {
  const { open, unmatched, paired } = withoutOwnPairs(changes)
  const droppedBy = new Map([...paired].map(([get, put]) => [get.event, put.event]))
  if (unmatched.length === 0)
    return { outstanding: open.map(({ event }) => event), droppedBy, thefts: [], handOvers: [] }
  const rules = new DropRules(known, initial, { changes, unmatched, paired })
  const balancing = new Balancing(rules, open, droppedBy)
  const withoutConvention = balancing.byConvention(unmatched)
  const { handOvers } = balancing
  const candidates = new Candidates([...open], rules, handOvers)
  const left = balancing.asLearnt(withoutConvention, candidates, learnt)
  const thefts = balancing.handedOverOrStolen(left, candidates)
  return { outstanding: open.map(({ event }) => event), droppedBy, thefts, handOvers }
}
