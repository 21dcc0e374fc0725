// SPDX-License-Identifier: GPL-2.0-only
// References, from include/linux/kref.h. The value before the call decides whether a counter fault occurred: the
// functions and messages of refcount_t differ between kernels, and some kernels print nothing.
import type { RefcountFault } from '@pfo-workbench/kernel'
import { addressOf, watch, type Machine, type Watch } from '@pfo-workbench/machine'

/** The counter of a `kref`, its first word, as a signed number; 0 for an invalid pointer. */
function countAt(machine: Machine, kref: bigint): number {
  return machine.memory.holds(kref, 4) ? machine.memory.s32(addressOf(kref)) : 0
}

/** True if the counter belongs to a `klist` entry. Such counters change all the time, and no code can leak them. */
function isOfList(machine: Machine, kref: bigint): boolean {
  const object = machine.memory.holds(kref, 4) ? machine.objects.at(addressOf(kref)) : null
  return (
    object !== null && machine.layouts.isWithin(object.struct, addressOf(kref) - object.address, 'klist_node')
  )
}

function report(machine: Machine, kref: bigint, fault: RefcountFault): void {
  machine.journal.emit('ref.fault', { object: machine.idOf(kref), fault })
}

export const references: readonly Watch[] = [
  watch({
    kind: 'function',
    name: 'kref_init',
    leave: (machine, [kref]) => {
      if (!isOfList(machine, kref)) {
        machine.journal.emit('ref.get', { object: machine.idOf(kref), before: 0, after: 1 })
      }
    },
  }),
  watch<number | null>({
    kind: 'function',
    name: 'kref_get',
    enter: (machine, [kref]) => {
      if (isOfList(machine, kref)) return null
      const before = countAt(machine, kref)
      if (before === 0) report(machine, kref, 'increment-on-0')
      else if (before < 0) report(machine, kref, 'saturated')
      return before
    },
    leave: (machine, [kref], before) => {
      if (before === null) return
      machine.journal.emit('ref.get', { object: machine.idOf(kref), before, after: countAt(machine, kref) })
    },
  }),
  watch<number>({
    kind: 'function',
    name: 'kref_get_unless_zero',
    enter: (machine, [kref]) => countAt(machine, kref),
    leave: (machine, [kref], before, result) => {
      if (result === 0n || isOfList(machine, kref)) return
      machine.journal.emit('ref.get', { object: machine.idOf(kref), before, after: countAt(machine, kref) })
    },
  }),
  watch<number | null>({
    kind: 'function',
    name: 'kref_put',
    // The release function runs inside, so the object may be freed afterwards.
    enter: (machine, [kref]) => {
      if (isOfList(machine, kref)) return null
      const before = countAt(machine, kref)
      const object = machine.idOf(kref)
      if (before > 0) machine.journal.emit('ref.put', { object, before, after: before - 1 })
      else report(machine, kref, 'underflow')
      if (before === 1) machine.journal.emit('ref.release', { object })
      return before
    },
    leave: (machine, [kref], before) => {
      if (before === null || before > 0) return
      machine.journal.emit('ref.put', { object: machine.idOf(kref), before, after: countAt(machine, kref) })
    },
  }),
]
