// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  functionsOf,
  holderOf,
  ledTo,
  type CallChain,
  type EventOf,
  type RunRecord,
} from '@pfo-workbench/run'
import { groupBy } from './events-by-subject.ts'
import { callOf, type CountEvent } from './initial-reference.ts'

type End = EventOf<'oops' | 'hang'>

/**
 * Returns a function that tells when a task last did something outside of a call before it died or hung, as a sequence
 * number; -1 if it did not.
 */
function lastOutside({ events }: RunRecord): (call: CallChain, end: End) => number {
  const known = new Map<string, number>()
  return (call, end) => {
    const key = [end.seq, ...functionsOf(call)].join(' ')
    const isOutside = ({ seq, task, chain }: RunRecord['events'][number]): boolean =>
      seq < end.seq && task === end.task && chain.length > 0 && !ledTo(call, chain)
    const last = known.get(key) ?? events.findLast(isOutside)?.seq ?? -1
    known.set(key, last)
    return last
  }
}

/**
 * Returns a function that is true if the taker of a reference took another one on the same object later in the step,
 * and did not drop it before its task died or hung.
 */
function laterReferences(run: RunRecord): (get: CountEvent, end: End) => boolean {
  const keyOf = ({ object, task, step, chain }: CountEvent): string =>
    [object, task, step, holderOf(run.facts, chain)].join(' ')
  const effective = eventsOf(run, 'ref.get', 'ref.put').filter(({ before, after }) => before !== after)
  const byTaker = groupBy(effective, keyOf)
  return (get, end) => {
    let open = 0
    for (const { seq, type } of byTaker.get(keyOf(get)) ?? [])
      if (seq > get.seq && seq <= end.seq) open += type === 'ref.get' ? 1 : -1
    return open > 0
  }
}

/**
 * Returns a function that tells when a task died or hung in the call that took a reference, as a sequence number;
 * `Infinity` if it did not. After that, the call cannot drop the reference.
 *
 * A call has ended if its task did something outside of the call before the task died. Two calls of one function from
 * the same callers cannot be told apart if nothing happened in between. Then only the latest reference counts as that
 * of the call in which the task died.
 */
export function endOfCalls(run: RunRecord): (get: CountEvent) => number {
  const ends = groupBy(eventsOf(run, 'oops', 'hang'), ({ task }) => task)
  if (ends.size === 0) return () => Infinity
  const outside = lastOutside(run)
  const tookAnother = laterReferences(run)
  return (get) => {
    const own = ends.get(get.task)
    if (own === undefined) return Infinity
    const call = callOf(get.chain, holderOf(run.facts, get.chain))
    const end = own.find((one) => one.step === get.step && one.seq > get.seq && ledTo(call, one.chain))
    if (end === undefined || outside(call, end) > get.seq || tookAnother(get, end)) return Infinity
    return end.seq
  }
}
