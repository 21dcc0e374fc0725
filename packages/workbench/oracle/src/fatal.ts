// SPDX-License-Identifier: GPL-2.0-only
import type { Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'

/** A task died in an Oops. */
export const oopsOracle: Oracle = {
  id: 'oops',
  title: 'a task died: a NULL or wild pointer was followed, or BUG_ON',
  examine(run) {
    return groupEvents(
      run.events.filter((event) => event.type === 'oops'),
      (event) => field(event, 'function'),
      (first, count) => {
        const held = Array.isArray(first['held']) ? (first['held'] as string[]) : []
        const holding = held.length === 0 ? '' : `; it held ${held.join(', ')}`
        return `${field(first, 'reason')}${holding}${times(count)}`
      },
      (event) => field(event, 'reason'),
    )
  },
}

/** A task waits for a lock that nobody will release. */
export const deadlock: Oracle = {
  id: 'deadlock',
  title: 'a task waits for a lock that its own call chain, a dead task or a waiting task holds',
  examine(run) {
    return groupEvents(
      run.events.filter((event) => event.type === 'hang'),
      (event) => field(event, 'lock'),
      (first) => `${first.task} waits for ever; held by ${field(first, 'holder')}`,
      (event) => `waits for ${field(event, 'lock')}`,
    )
  },
}

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
