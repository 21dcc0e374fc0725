// SPDX-License-Identifier: GPL-2.0-only
import type { Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'
import { subjectsOf } from './names.ts'

const meaning: Readonly<Record<string, string>> = {
  'increment-on-0': 'a reference was taken after the last one was dropped',
  'addition-on-0': 'references were added after the last one was dropped',
  underflow: 'a reference was dropped after the last one',
  saturated: 'the counter saturated',
  'decrement-hit-0': 'the counter reached 0 in a plain decrement',
}

const badPut = 'OF: ERROR: Bad of_node_put() on '

/** A counter went where `refcount_t` says it must not, or a node was put to 0 while attached. */
export const refcount: Oracle = {
  id: 'refcount',
  title: 'a reference counter under- or overflowed, or a node was put to 0 while attached',
  examine(run) {
    const subjects = subjectsOf(run)
    const faults = groupEvents(
      run.events.filter((event) => event.type === 'ref.fault'),
      (event) => `${subjects(field(event, 'object'))} ${field(event, 'fault')}`,
      (first, count) => `${meaning[field(first, 'fault')] ?? field(first, 'fault')}${times(count)}`,
      (event) => field(event, 'fault'),
    )
    const badPuts = groupEvents(
      run.events.filter((event) => event.type === 'printk' && field(event, 'text').startsWith(badPut)),
      (event) => `${field(event, 'text').slice(badPut.length)} bad put`,
      (_first, count) => `the last reference was dropped while the node was attached${times(count)}`,
      (event) => field(event, 'text'),
    )
    return [...faults, ...badPuts]
  },
}
