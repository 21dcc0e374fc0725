// SPDX-License-Identifier: GPL-2.0-only
// Parts of the boot that driver_init calls (drivers/base/init.c) and that do not run as C.
import { assumed, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { named } from './named.ts'

/**
 * Creates a directory directly below `/sys` that belongs to no device, and stores the pointer to its kobject in a
 * variable. Does nothing if the kernel has no such variable.
 */
export function createTopDirectory(machine: Machine, variable: string, name: string): void {
  const pointer = machine.symbols.pointerTo(variable)
  if (pointer === null) return
  const text = machine.allocator.reserve(name.length + 1)
  machine.memory.setString(Number(BigInt.asUintN(32, text)), name)
  machine.checked.setU64(pointer, machine.call('kobject_create_and_add', text, 0n))
}

export const boot: HostFunctions = {
  /** `firmware_init` (drivers/base/firmware.c). */
  firmware_init: modelled([], (machine) => {
    createTopDirectory(machine, 'firmware_kobj', 'firmware')
    return 0
  }),
  // These set up devices of memory and of NUMA nodes, and other parts that no scenario uses. A real kernel allocates
  // memory for them.
  ...named(assumed(), 'devtmpfs_init', 'hypervisor_init', 'memory_dev_init', 'node_dev_init', 'bdi_init'),
}
