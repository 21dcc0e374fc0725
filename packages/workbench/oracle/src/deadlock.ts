// SPDX-License-Identifier: GPL-2.0-only
import type { Oracle } from './finding.ts'
import { field, groupEvents } from './group.ts'

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
