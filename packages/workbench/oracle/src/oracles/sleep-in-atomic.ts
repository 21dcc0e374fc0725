// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Oracle } from '../finding.ts'

/** A function that may sleep was called in atomic context. */
export const sleepInAtomic: Oracle = {
  id: 'sleep-in-atomic',
  title: 'a function that may sleep was called under a spinlock, with interrupts off or in an RCU section',
  examine(run) {
    return findBySubject(
      run,
      eventsOf(run, 'lock.report').filter(({ report }) => report === 'sleep-in-atomic'),
      (event) => event.function,
      () => ({ kind: 'slept', data: {} }),
      (occurrence, { lock, holder }) => ({
        oracle: 'sleep-in-atomic',
        kind: 'may-sleep',
        ...occurrence,
        data: { lock, holder },
      }),
    )
  },
}
