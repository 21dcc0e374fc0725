// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Oracle } from '../finding.ts'

/** A task died in an Oops. */
export const oops: Oracle = {
  id: 'oops',
  title: 'a task died: invalid pointer or BUG_ON',
  examine(run) {
    return findBySubject(
      run,
      eventsOf(run, 'oops'),
      (event) => event.function,
      ({ reason }) => ({ kind: 'task-killed', data: { reason } }),
      (occurrence, { reason, held }) => ({
        oracle: 'oops',
        kind: 'task-killed',
        ...occurrence,
        data: { reason, held },
      }),
    )
  },
}
