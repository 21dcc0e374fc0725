// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import type { Oracle } from './finding.ts'
import { groupEvents } from './group.ts'

/** A task waits for a lock that nobody will release. */
export const deadlock: Oracle = {
  id: 'deadlock',
  title: 'a task waits for a lock that its own call chain, a dead task or a waiting task holds',
  examine(run) {
    return groupEvents(
      eventsOf(run, 'hang'),
      (event) => event.lock,
      (first) => `${first.task} waits for ever; held by ${first.holder}`,
      (event) => `waits for ${event.lock}`,
    )
  },
}
