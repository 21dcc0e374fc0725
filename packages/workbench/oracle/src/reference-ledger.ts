// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, holderOf, type EventOf, type KernelFacts, type RunRecord } from '@pfo-workbench/run'
import { groupBy } from './events-by-subject.ts'

/** Who drops what another function took: droppers, and the takers of the references that are theirs to drop. */
type Partners = ReadonlyMap<string, ReadonlySet<string>>

/**
 * Who drops, by convention, what another function took. Such a reference has an owner that is still to drop it; one that
 * its taker alone could drop, and has not, is leaked.
 */
function conventionsOf({ dropsFor }: KernelFacts): Partners {
  return new Map(Object.entries(dropsFor).map(([dropper, takers]) => [dropper, new Set(takers)]))
}

/** A reference was taken or dropped. */
type CountEvent = EventOf<'ref.get' | 'ref.put'>

/** A reference that was dropped by somebody who had no right to. */
interface Theft {
  readonly put: CountEvent
  /** The reference that was lost, if there was one left. */
  readonly taken: CountEvent | null
}

/** The references on one object that are still held, and what became of those that others dropped. */
export interface Ledger {
  readonly outstanding: readonly CountEvent[]
  readonly thefts: readonly Theft[]
}

/** A reference that one function took and another, which took none itself, dropped. */
interface HandOver {
  readonly dropper: string
  readonly taker: string
  /** Nobody else's reference can be meant. */
  readonly certain: boolean
}

/** A reference that was taken or dropped, with the function that it was for: finding that out takes a while. */
interface Change {
  readonly event: CountEvent
  readonly holder: string
}

/** Removes and returns the latest of the references taken before a drop that fits. */
function takeLatest(
  open: Change[],
  put: Change,
  fits: (holder: string) => boolean = () => true,
): Change | null {
  const at = open.findLastIndex(({ event, holder }) => event.seq < put.event.seq && fits(holder))
  return at < 0 ? null : (open.splice(at, 1)[0] ?? null)
}

/** Matches the drops of references on one object with the takings they undo. */
function balance(
  changes: readonly Change[],
  conventions: Partners,
  learnt: Partners,
): Ledger & { handOvers: HandOver[] } {
  const owned = new Set([...conventions.values()].flatMap((takers) => [...takers]))
  const open = changes.filter(({ event }) => event.type === 'ref.get')
  const takers = new Set(open.map(({ holder }) => holder))
  const puts = changes.filter(({ event }) => event.type === 'ref.put')
  const unmatched = [conventions, learnt].reduce(
    (left, partners) =>
      left.filter((put) => {
        const own = partners.get(put.holder)
        return own === undefined || takeLatest(open, put, (holder) => own.has(holder)) === null
      }),
    puts.filter((put) => takeLatest(open, put, (holder) => holder === put.holder) === null),
  )
  const handOvers: HandOver[] = []
  const thefts = unmatched.flatMap((put): Theft[] => {
    const dropper = put.holder
    if (!takers.has(dropper) && !conventions.has(dropper)) {
      const earlier = open.filter(({ event }) => event.seq < put.event.seq).map(({ holder }) => holder)
      const candidates = new Set(earlier.filter((holder) => !owned.has(holder)))
      const handed = takeLatest(open, put, (holder) => candidates.has(holder))
      if (handed !== null) {
        handOvers.push({ dropper, taker: handed.holder, certain: candidates.size === 1 })
        return []
      }
    }
    const taken = takeLatest(open, put, (holder) => owned.has(holder)) ?? takeLatest(open, put)
    return [{ put: put.event, taken: taken?.event ?? null }]
  })
  return { outstanding: open.map(({ event }) => event), thefts, handOvers }
}

/**
 * Matches every drop of a reference in a run with the taking it undoes: the dropper's own first, then those that are the
 * dropper's by convention. What then remains is
 *
 * - handed over, if the dropper never took a reference itself: it drops the latest that no convention gives an owner. Where
 *   several could be meant, objects on which only one could tell who hands over to whom;
 * - stolen, if the dropper had its own and dropped it before, or if only references with another owner are left. The
 *   reference lost is then one with an owner, because its owner will miss it: the others nobody was going to drop.
 *
 * Takings and drops that left the counter as it was count for nothing.
 *
 * @returns the ledger of each object that is counted
 */
export function ledgersOf(run: RunRecord): ReadonlyMap<string, Ledger> {
  const known = ledgers.get(run) ?? makeLedgers(run)
  ledgers.set(run, known)
  return known
}

/** Several oracles look at the ledgers of a run. */
const ledgers = new WeakMap<RunRecord, ReadonlyMap<string, Ledger>>()

function makeLedgers(run: RunRecord): Map<string, Ledger> {
  const conventions = conventionsOf(run.facts)
  const changes = eventsOf(run, 'ref.get', 'ref.put').filter(({ before, after }) => before !== after)
  const byObject = groupBy(
    changes.map((event) => ({ event, holder: holderOf(run.facts, event.chain) })),
    ({ event }) => event.object,
  )
  const learnt = new Map<string, Set<string>>()
  const first = [...byObject].map(([object, changes]) => {
    const balanced = balance(changes, conventions, new Map())
    for (const { dropper, taker, certain } of balanced.handOvers) {
      if (certain) learnt.set(dropper, (learnt.get(dropper) ?? new Set()).add(taker))
    }
    return { object, changes, balanced }
  })
  return new Map(
    first.map(({ object, changes, balanced }) => {
      // Where every drop had its taking there is nothing to learn.
      const settled = balanced.handOvers.length === 0 && balanced.thefts.length === 0
      return [object, settled ? balanced : balance(changes, conventions, learnt)]
    }),
  )
}
