// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThroughRole, type EventOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import type { FindingOf } from './finding.ts'

/** The driver or module that registered or queued something, and the time at which it left. */
export interface Owner {
  /** Name of a driver or of a module. */
  readonly owner: string
  readonly left: FindingOf<'notifier-called'>['data']['left']
  /** The event with which the owner left. */
  readonly at: RunEvent
}

/** Finds when the driver whose probe caused an event released its device; null if it did not, or if no probe ended. */
function leaveOfProbe(run: RunRecord, { seq, task }: RunEvent): Owner | null {
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

const hasLeft = (at: EventOf<'module.unload'>): Owner => ({ owner: at.module, left: 'unloaded', at })

/** Finds when the module whose init caused an event failed to load or was unloaded; null if neither happened. */
function leaveOfModule(run: RunRecord, { seq, task }: RunEvent): Owner | null {
  const load = eventsOf(run, 'module.load').find((event) => event.seq > seq && event.task === task)
  if (load === undefined) return null
  const { module: owner } = load
  if (load.result < 0) return { owner, left: 'load-failed', at: load }
  const unload = eventsOf(run, 'module.unload').find(
    (event) => event.seq > load.seq && event.module === owner && event.result === 0,
  )
  return unload === undefined ? null : hasLeft(unload)
}

/** Finds when the module whose exit caused an event was unloaded; null if the unloading failed. */
function leaveOfExit(run: RunRecord, { seq, task }: RunEvent): Owner | null {
  const unload = eventsOf(run, 'module.unload').find(
    (event) => event.seq > seq && event.task === task && event.result === 0,
  )
  return unload === undefined ? null : hasLeft(unload)
}

/**
 * Finds the owner of an event, and when it left: a driver for events in its probe, a module for events in its init or
 * exit.
 *
 * @returns null if the owner never left, and for other code
 */
export function ownerThatLeft(run: RunRecord, event: RunEvent): Owner | null {
  if (passesThroughRole(run.facts, event.chain, 'probe')) return leaveOfProbe(run, event)
  if (passesThroughRole(run.facts, event.chain, 'module-init')) return leaveOfModule(run, event)
  if (passesThroughRole(run.facts, event.chain, 'module-exit')) return leaveOfExit(run, event)
  return null
}
