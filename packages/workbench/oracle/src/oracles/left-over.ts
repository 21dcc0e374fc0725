// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThroughRole, type EventOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import { groupBy } from '../events-by-subject.ts'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { proofOf } from '../proof.ts'

type Left = FindingOf<'notifier-called'>['data']['left']

/** Registrant of a callback, and the time from which the callback must not be called. */
interface Owner {
  readonly owner: string
  readonly left: Left
  /** The event with which the owner left. */
  readonly at: RunEvent
}

type Registration = EventOf<'notifier.register'>

/** Finds when the driver whose probe registered the callback released its device. */
function leaveOfProbe(run: RunRecord, { seq, task }: Registration): Owner | null {
  const end = eventsOf(run, 'driver.bind', 'driver.probe-failed').find(
    (event) => event.seq > seq && event.task === task,
  )
  if (end === undefined) return null
  const { object, driver: owner } = end
  if (end.type === 'driver.probe-failed') return { owner, left: 'probe-failed', at: end }
  const unbind = eventsOf(run, 'driver.unbind').find(
    (event) => event.seq > end.seq && event.object === object && event.driver === owner,
  )
  return unbind === undefined ? null : { owner, left: 'unbound', at: unbind }
}

/** Finds when the module whose init registered the callback was unloaded. */
function leaveOfModule(run: RunRecord, { seq, task }: Registration): Owner | null {
  const load = eventsOf(run, 'module.load').find((event) => event.seq > seq && event.task === task)
  if (load === undefined) return null
  const { module: owner } = load
  if (load.result < 0) return { owner, left: 'load-failed', at: load }
  const unload = eventsOf(run, 'module.unload').find(
    (event) => event.seq > load.seq && event.module === owner && event.result === 0,
  )
  return unload === undefined ? null : { owner, left: 'unloaded', at: unload }
}

function leaveOf(run: RunRecord, registration: Registration): Owner | null {
  if (passesThroughRole(run.facts, registration.chain, 'probe')) return leaveOfProbe(run, registration)
  if (passesThroughRole(run.facts, registration.chain, 'module-init')) return leaveOfModule(run, registration)
  return null
}

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

/** A callback is called although its owner left: driver unbound, module unloaded, or probe or init failed. */
export const leftOver: Oracle = {
  id: 'left-over',
  title: 'a callback of an unbound driver or of an unloaded module is still called',
  examine(run) {
    const found = eventsOf(run, 'notifier.register').flatMap((registration) => {
      const owner = leaveOf(run, registration)
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
          proofOf(run, call, { kind: 'callback-called', data: {} }),
          proofOf(run, registration, { kind: 'callback-registered', data: {} }),
        ],
      }
    })
  },
}
