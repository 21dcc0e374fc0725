// SPDX-License-Identifier: GPL-2.0-only
import type { RunEvent } from '@pfo-workbench/scenario'
import { callersOf } from './chain.ts'
import type { Oracle } from './finding.ts'
import { field, groupEvents, listField, times } from './group.ts'
import { subjectsOf } from './names.ts'

/** Allocator functions, of no interest in "allocated by". */
const allocators = /^(kzalloc|kmalloc|kmemdup|kstrdup|kfree|memblock_alloc)$/

function firstUser(chain: readonly string[]): string {
  return chain.find((name) => !allocators.test(name)) ?? '?'
}

/** Freed memory was read, written or freed again. */
export const useAfterFree: Oracle = {
  id: 'use-after-free',
  title: 'freed memory was read, written or freed again',
  examine(run) {
    const subjects = subjectsOf(run)
    const events = run.events.filter(
      (event) => event.type === 'use-after-free' || event.type === 'double-free',
    )
    const what = (event: RunEvent): string => {
      const allocated = firstUser(listField(event, 'allocatedBy'))
      return field(event, 'struct') === 'bytes'
        ? `bytes allocated by ${allocated}`
        : subjects(field(event, 'object'))
    }
    return groupEvents(
      events,
      what,
      (first, count) => {
        const touched =
          first.type === 'double-free' ? 'freed again' : `${field(first, 'access')} after its free`
        const freedBy = firstUser(listField(first, 'freedBy'))
        return `${touched} by ${firstUser(callersOf(first.chain))}, freed by ${freedBy}${times(count)}`
      },
      (event) =>
        event.type === 'double-free'
          ? 'freed a second time'
          : `${field(event, 'access')} of ${field(event, 'struct')}.${field(event, 'field')}`,
    )
  },
}
