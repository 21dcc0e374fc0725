// SPDX-License-Identifier: GPL-2.0-only
// Copies between the kernel and user space. The user's buffer is in the same memory.
import { EINVAL } from '@pfo-workbench/kernel'
import { modelled, type HostFunctions } from '@pfo-workbench/machine'
import { named } from './named.ts'

/** Copies, and returns the number of bytes not copied: 0. */
const copy = modelled(['u64', 'u64', 'u64'], (machine, to, from, length) => {
  const size = Number(length)
  machine.checked.bytes(to, size, true).set(machine.checked.bytes(from, size, false))
  return 0n
})

/**
 * `memory_read_from_buffer(to, count, ppos, from, available)` (fs/libfs.c): copies the data from a position on, and
 * advances the position.
 */
const memory_read_from_buffer = modelled(
  ['u64', 'u64', 'u64', 'u64', 'u64'],
  (machine, to, count, ppos, from, available) => {
    const position = BigInt.asIntN(64, machine.checked.u64(ppos))
    if (position < 0n) return -EINVAL
    if (position >= available) return 0
    const rest = available - position
    const size = Number(count < rest ? count : rest)
    machine.checked.bytes(to, size, true).set(machine.checked.bytes(from + position, size, false))
    machine.checked.setU64(ppos, position + BigInt(size))
    return size
  },
)

export const userCopy: HostFunctions = {
  ...named(
    copy,
    '_copy_from_user',
    '_copy_to_user',
    '__copy_tofrom_user',
    'raw_copy_from_user',
    'raw_copy_to_user',
  ),
  memory_read_from_buffer,
}
