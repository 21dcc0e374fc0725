// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import type { Oracle } from './finding.ts'
import { groupEvents, times } from './group.ts'

/** Something that may sleep ran where sleeping is forbidden. */
export const sleepInAtomic: Oracle = {
  id: 'sleep-in-atomic',
  title: 'something that may sleep ran under a spinlock, with interrupts off or in an RCU section',
  examine(run) {
    return groupEvents(
      eventsOf(run, 'lock.report').filter(({ report }) => report === 'sleep-in-atomic'),
      (event) => event.function,
      (first, count) =>
        `may sleep, called in atomic context by ${first.chain.at(-1)?.function ?? '?'}${times(count)}`,
      () => 'sleeping function called from invalid context',
    )
  },
}
