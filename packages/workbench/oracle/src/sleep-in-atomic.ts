// SPDX-License-Identifier: GPL-2.0-only
import type { Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'

/** Something that may sleep ran where sleeping is forbidden. */
export const sleepInAtomic: Oracle = {
  id: 'sleep-in-atomic',
  title: 'something that may sleep ran under a spinlock, with interrupts off or in an RCU section',
  examine(run) {
    return groupEvents(
      run.events.filter((event) => event.type === 'lock.report' && event['report'] === 'sleep-in-atomic'),
      (event) => field(event, 'function'),
      (first, count) =>
        `may sleep, called in atomic context by ${first.chain.slice(-1)[0] ?? '?'}${times(count)}`,
      () => 'sleeping function called from invalid context',
    )
  },
}
