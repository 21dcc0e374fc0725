// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord, type StepRecord } from '@pfo-workbench/run'
import type { Finding, Oracle } from '../finding.ts'
import { evidenceOrNone } from '../to-evidence.ts'
import { deviceIn, heldSince } from '../snapshots.ts'

type ServiceEvent = EventOf<'service.register' | 'service.unregister'>

const serviceOf = ({ service, name }: ServiceEvent): string => `${service} ${name}`

/** The services registered at the end of a step. */
function registeredAfter(run: RunRecord, { index }: StepRecord): ReadonlySet<string> {
  const registered = new Set<string>()
  for (const event of eventsOf(run, 'service.register', 'service.unregister')) {
    if (event.step > index) break
    if (event.type === 'service.register') registered.add(serviceOf(event))
    else registered.delete(serviceOf(event))
  }
  return registered
}

function isBound({ after }: StepRecord, driver: string): boolean {
  return after.vio.some((device) => device.driver === driver)
}

/** True if a task died or hung in a step. The task may then be why a service is missing or left over. */
function brokeOff(run: RunRecord, step: number): boolean {
  return eventsOf(run, 'oops', 'hang').some((event) => event.step === step)
}

/** True if the devices of a driver have had all capabilities since they were bound. */
function couldDoAll(run: RunRecord, driver: string): boolean {
  const binds = eventsOf(run, 'driver.bind').filter((event) => event.driver === driver)
  return (
    run.steps.at(-1)?.after.vio.every((device) => {
      if (device.driver !== driver) return true
      const since = binds.findLast(({ object }) => object === device.object)?.step ?? 0
      return run.steps.every(
        ({ index, after }) => index < since || deviceIn(after, device.object)?.complete === true,
      )
    }) ?? false
  )
}

/**
 * Examines one service of a driver. On a device with all capabilities, a driver must offer all its services; otherwise
 * at least one.
 */
function examineService(run: RunRecord, driver: string, service: string, all: readonly string[]): Finding[] {
  const wanted = couldDoAll(run, driver) ? [service] : all
  const offers = (step: StepRecord): boolean => {
    const registered = registeredAfter(run, step)
    return wanted.some((one) => registered.has(one))
  }
  const last = eventsOf(run, 'service.register', 'service.unregister').findLast(
    (event) => serviceOf(event) === service,
  )
  const proof =
    last === undefined
      ? evidenceOrNone(
          run,
          eventsOf(run, 'driver.bind').findLast((event) => event.driver === driver),
          { kind: 'driver-bound', data: { driver } },
        )
      : evidenceOrNone(run, last, { kind: 'service-changed', data: { event: last.type } })
  const shared = {
    oracle: 'lost-service',
    subject: service,
    count: 1,
    data: { driver },
    evidence: proof,
  } as const
  const missing = heldSince(run, (_state, step) => isBound(step, driver) && !offers(step))
  if (missing !== null) {
    return brokeOff(run, missing.index) ? [] : [{ ...shared, kind: 'service-missing', step: missing.index }]
  }
  const left = heldSince(
    run,
    (_state, step) => !isBound(step, driver) && registeredAfter(run, step).has(service),
  )
  if (left === null || brokeOff(run, left.index)) return []
  return [{ ...shared, kind: 'service-without-driver', step: left.index }]
}

/** At the end, a bound driver lacks services of its device, or a service remains whose driver has no device. */
export const lostService: Oracle = {
  id: 'lost-service',
  title: 'a bound driver does not offer its service, or a service exists without its driver',
  examine(run) {
    return Object.entries(run.facts.servicesOf ?? {}).flatMap(([driver, services]) =>
      services.flatMap((service) => examineService(run, driver, service, services)),
    )
  },
}
