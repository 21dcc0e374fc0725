// SPDX-License-Identifier: GPL-2.0-only
// Copies between the kernel and user space. What a user reads or writes lies in a buffer of the same memory.
import { modelled, type HostFunctions } from '@pfo-workbench/machine'
import { named } from './named.ts'

/** Copies, and returns how many bytes were not: none. */
const copy = modelled(['u64', 'u64', 'u64'], (machine, to, from, length) => {
  const size = Number(length)
  machine.checked.bytes(to, size, true).set(machine.checked.bytes(from, size, false))
  return 0n
})

export const userCopy: HostFunctions = named(
  copy,
  '_copy_from_user',
  '_copy_to_user',
  '__copy_tofrom_user',
  'raw_copy_from_user',
  'raw_copy_to_user',
)
