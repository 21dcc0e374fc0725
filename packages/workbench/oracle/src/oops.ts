// SPDX-License-Identifier: GPL-2.0-only
import type { Oracle } from './finding.ts'
import { field, groupEvents, listField, times } from './group.ts'

/** A task died in an Oops. */
export const oops: Oracle = {
  id: 'oops',
  title: 'a task died: a NULL or wild pointer was followed, or BUG_ON',
  examine(run) {
    return groupEvents(
      run.events.filter((event) => event.type === 'oops'),
      (event) => field(event, 'function'),
      (first, count) => {
        const held = listField(first, 'held')
        const holding = held.length === 0 ? '' : `; it held ${held.join(', ')}`
        return `${field(first, 'reason')}${holding}${times(count)}`
      },
      (event) => field(event, 'reason'),
    )
  },
}
