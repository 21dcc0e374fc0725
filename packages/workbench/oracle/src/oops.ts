// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf } from '@pfo-workbench/run'
import type { Oracle } from './finding.ts'
import { groupEvents, times } from './group.ts'

/** A task died in an Oops. */
export const oops: Oracle = {
  id: 'oops',
  title: 'a task died: a NULL or wild pointer was followed, or BUG_ON',
  examine(run) {
    return groupEvents(
      eventsOf(run, 'oops'),
      (event) => event.function,
      ({ reason, held }, count) => {
        const holding = held.length === 0 ? '' : `; it held ${held.join(', ')}`
        return `${reason}${holding}${times(count)}`
      },
      ({ reason }) => reason,
    )
  },
}
