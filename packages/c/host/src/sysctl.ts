// SPDX-License-Identifier: GPL-2.0-only
// fs/proc/proc_sysctl.c. Nothing reads or writes the files, so a registration is only memory.
import { modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { allocate, release } from './allocation.ts'
import { constantOf } from './constants.ts'
import { named } from './named.ts'

const key = Symbol('sysctl')

/** Pointers to the registered headers. */
function headersOf(machine: Machine): Set<bigint> {
  return machine.stateOf(key, () => new Set<bigint>())
}

/** Bytes of a `struct ctl_table_header` and one `struct ctl_node`. C only has its address. */
const headerSize = 128n

/** Returns a header, or NULL if there is no memory. */
const register = modelled([], (machine) => {
  const gfp = Number(constantOf(machine, 'GFP_DIRECT_RECLAIM') | constantOf(machine, 'GFP_ZERO'))
  const header = allocate(machine, { size: headerSize, gfp, struct: 'ctl_table_header' })
  if (header !== 0n) headersOf(machine).add(header)
  return header
})

export const sysctl: HostFunctions = {
  ...named(register, 'register_sysctl', 'register_sysctl_sz', 'register_sysctl_table'),
  /** `__register_sysctl_init(path, table, name, size)`: for the boot, which does not use the header. */
  __register_sysctl_init: register,
  unregister_sysctl_table: modelled(['u64'], (machine, header) => {
    headersOf(machine).delete(header)
    release(machine, header)
  }),
}
