// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Oracle } from '../finding.ts'

/** A task waits for a lock that will not be released. */
export const deadlock: Oracle = {
  id: 'deadlock',
  title: 'a task waits for a lock that its own call chain, a dead task or a waiting task holds',
  examine(run) {
    return findBySubject(
      run,
      eventsOf(run, 'hang'),
      ({ lock }) => lock,
      ({ lock }) => ({ kind: 'waited', data: { lock } }),
      (occurrence, { task, holder }) => ({
        oracle: 'deadlock',
        kind: 'waits-forever',
        ...occurrence,
        data: { task, holder },
      }),
    )
  },
}
