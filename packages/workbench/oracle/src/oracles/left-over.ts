// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { groupBy } from '../events-by-subject.ts'
import type { Finding, Oracle } from '../finding.ts'
import { ownerThatLeft, type Owner } from '../owners.ts'
import { toEvidence } from '../to-evidence.ts'

type Registration = EventOf<'notifier.register'>

/** Calls of a callback after its owner left, until the callback is unregistered or registered again. */
function callsAfter(run: RunRecord, registration: Registration, { at }: Owner): EventOf<'notifier.call'>[] {
  const { head, callback, seq } = registration
  const isSame = (event: { readonly head: string; readonly callback: string }): boolean =>
    event.head === head && event.callback === callback
  const end = eventsOf(run, 'notifier.register', 'notifier.unregister').find(
    (event) => event.seq > seq && isSame(event),
  )
  return eventsOf(run, 'notifier.call').filter(
    (event) => event.seq > at.seq && event.seq < (end?.seq ?? Infinity) && isSame(event),
  )
}

/** Callbacks that a driver's probe or a module's init registered, and that are called after it left. */
function calledNotifiers(run: RunRecord): Finding[] {
  const found = eventsOf(run, 'notifier.register').flatMap((registration) => {
    const owner = ownerThatLeft(run, registration)
    if (owner === null) return []
    const calls = callsAfter(run, registration, owner)
    return calls.map((call) => ({ registration, owner, call }))
  })
  return [...groupBy(found, ({ call }) => call.callback)].map(([callback, group]): Finding => {
    const [{ registration, owner, call }] = group
    return {
      oracle: 'left-over',
      kind: 'notifier-called',
      subject: callback,
      step: call.step,
      count: group.length,
      data: { chain: call.head, owner: owner.owner, left: owner.left },
      evidence: [
        toEvidence(run, call, { kind: 'callback-called', data: {} }),
        toEvidence(run, registration, { kind: 'callback-registered', data: {} }),
      ],
    }
  })
}

/** A work item: the event that queued it, and the event of its execution. */
interface Work {
  readonly queued: EventOf<'work.queue'>
  readonly run: EventOf<'work.run'>
}

/** All work items of a run that were executed. Each is matched with the first execution that no earlier item has. */
function worksOf(run: RunRecord): Work[] {
  const runs = eventsOf(run, 'work.run')
  const claimed = new Set<EventOf<'work.run'>>()
  return eventsOf(run, 'work.queue').flatMap((queued) => {
    const own = runs.find(
      (one) =>
        one.seq > queued.seq &&
        one.queue === queued.queue &&
        one.callback === queued.callback &&
        !claimed.has(one),
    )
    if (own === undefined) return []
    claimed.add(own)
    return [{ queued, run: own }]
  })
}

/** Work that a driver's probe, or a module's init or exit, queued, and that is executed after it left. */
function runWorks(run: RunRecord): Finding[] {
  const found = worksOf(run).flatMap((work) => {
    const owner = ownerThatLeft(run, work.queued)
    return owner !== null && work.run.seq > owner.at.seq ? [{ ...work, owner }] : []
  })
  return [...groupBy(found, ({ run: { callback } }) => callback)].map(([callback, group]): Finding => {
    const [{ queued, run: own, owner }] = group
    return {
      oracle: 'left-over',
      kind: 'work-run',
      subject: callback,
      step: own.step,
      count: group.length,
      data: { queue: own.queue, owner: owner.owner, left: owner.left },
      evidence: [
        toEvidence(run, own, { kind: 'work-run', data: {} }),
        toEvidence(run, queued, { kind: 'work-queued', data: {} }),
      ],
    }
  })
}

/** A callback is called, or work is executed, although the driver or module that registered or queued it has left. */
export const leftOver: Oracle = {
  id: 'left-over',
  title: 'a callback or work of an unbound driver or an unloaded module can still run',
  examine: (run) => [...calledNotifiers(run), ...runWorks(run)],
}
