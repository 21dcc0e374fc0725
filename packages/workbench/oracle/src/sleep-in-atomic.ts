// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf } from '@pfo-workbench/run'
import type { Oracle } from './finding.ts'
import { groupEvents, times } from './group.ts'

/** The atomic context of a report: the lock, and the function that took it where that is known. */
function contextOf({ lock, holder }: EventOf<'lock.report'>): string {
  if (lock === '') return 'with interrupts off'
  return holder === null ? `under ${lock}` : `under ${lock}, taken by ${holder}`
}

/** Something that may sleep ran where sleeping is forbidden. */
export const sleepInAtomic: Oracle = {
  id: 'sleep-in-atomic',
  title: 'something that may sleep ran under a spinlock, with interrupts off or in an RCU section',
  examine(run) {
    return groupEvents(
      eventsOf(run, 'lock.report').filter(({ report }) => report === 'sleep-in-atomic'),
      (event) => event.function,
      (first, count) => `may sleep, called ${contextOf(first)}${times(count)}`,
      () => 'sleeping function called from invalid context',
    )
  },
}
