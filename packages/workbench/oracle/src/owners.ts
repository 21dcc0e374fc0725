// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThroughRole, type EventOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import type { FindingOf } from './finding.ts'

/** Who put something into the kernel, and until when it may be called. */
export interface Owner {
  /** Name of a driver or of a module. */
  readonly owner: string
  readonly left: FindingOf<'notifier-called'>['data']['left']
  /** The event with which the owner left. */
  readonly at: RunEvent
}

/** When the driver whose probe did something gave its device up. */
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

/** When the module whose init did something left the kernel. */
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

/** When the module that did something on its way out was gone. */
function leaveOfExit(run: RunRecord, { seq, task }: RunEvent): Owner | null {
  const unload = eventsOf(run, 'module.unload').find(
    (event) => event.seq > seq && event.task === task && event.result === 0,
  )
  return unload === undefined ? null : hasLeft(unload)
}

/**
 * Who did what an event tells of, if that is a driver in its probe or a module in its init or exit, and when it left.
 *
 * @returns null for who never left, and for other parts of the kernel
 */
export function leaveOf(run: RunRecord, event: RunEvent): Owner | null {
  if (passesThroughRole(run.facts, event.chain, 'probe')) return leaveOfProbe(run, event)
  if (passesThroughRole(run.facts, event.chain, 'module-init')) return leaveOfModule(run, event)
  if (passesThroughRole(run.facts, event.chain, 'module-exit')) return leaveOfExit(run, event)
  return null
}
