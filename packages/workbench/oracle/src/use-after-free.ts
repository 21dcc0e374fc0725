// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, functionsOf, type CallChain, type EventOf } from '@pfo-workbench/run'
import { callersOf } from './chain.ts'
import type { Oracle } from './finding.ts'
import { groupEvents, times } from './group.ts'
import { subjectsOf } from './names.ts'

/** Allocator functions, of no interest in "allocated by". */
const allocators = /^(kzalloc|kmalloc|kmemdup|kstrdup|kfree|memblock_alloc)$/

function firstUser(chain: CallChain): string {
  return functionsOf(chain).find((name) => !allocators.test(name)) ?? '?'
}

/** Freed memory was read, written or freed again. */
export const useAfterFree: Oracle = {
  id: 'use-after-free',
  title: 'freed memory was read, written or freed again',
  examine(run) {
    const subjects = subjectsOf(run)
    const what = ({ struct, object, allocatedBy }: EventOf<'use-after-free' | 'double-free'>): string =>
      struct === 'bytes' ? `bytes allocated by ${firstUser(allocatedBy)}` : subjects(object)
    return groupEvents(
      eventsOf(run, 'use-after-free', 'double-free'),
      what,
      (first, count) => {
        const touched = first.type === 'double-free' ? 'freed again' : `${first.access} after its free`
        const by = firstUser(callersOf(first.chain))
        return `${touched} by ${by}, freed by ${firstUser(first.freedBy)}${times(count)}`
      },
      (event) =>
        event.type === 'double-free'
          ? 'freed a second time'
          : `${event.access} of ${event.struct}.${event.field}`,
    )
  },
}
