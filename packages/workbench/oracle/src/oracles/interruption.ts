// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import { offeredFacilities } from '../facilities.ts'
import type { Oracle } from '../finding.ts'

/** True if a device was bound again in the step in which it was last unbound. */
function boundAgain(run: RunRecord, unbound: readonly EventOf<'driver.unbind'>[], device: string): boolean {
  const last = unbound.findLast((event) => event.device === device)
  return eventsOf(run, 'driver.bind').some(
    (event) => event.step === last?.step && event.seq > last.seq && event.device === device,
  )
}

/**
 * A bound driver was unbound in a step with RTAS calls, although firmware offers its facility before and after it.
 *
 * In a migration firmware reports that the node is deleted and added. Its own tree, however, has the facility before
 * suspend and after resume, and never lacks it while the kernel runs: only the description is deleted and added. Users
 * of the facility could have continued. While unbound, the driver refuses them.
 */
export const interruption: Oracle = {
  id: 'interruption',
  title: 'a bound driver was unbound although its facility never went away',
  examine(run) {
    const told = new Set(eventsOf(run, 'rtas.call').map(({ step }) => step))
    const offers = (step: number, device: string): boolean => {
      const at = run.steps.find(({ index }) => index === step)
      return at !== undefined && offeredFacilities(run.facts, at.after).includes(device)
    }
    const unbound = eventsOf(run, 'driver.unbind').filter(
      ({ step, device }) => told.has(step) && offers(step - 1, device) && offers(step, device),
    )
    return findBySubject(
      run,
      unbound,
      ({ device }) => device,
      () => ({ kind: 'driver-unbound', data: {} }),
      (occurrence, { driver, device }) => ({
        oracle: 'interruption',
        kind: 'driver-unbound',
        ...occurrence,
        data: { driver, boundAgain: boundAgain(run, unbound, device) },
      }),
    )
  },
}
