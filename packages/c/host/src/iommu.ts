// SPDX-License-Identifier: GPL-2.0-only
// arch/powerpc/kernel/iommu.c: tables of devices that access memory through a window. They have no entries here.
import { addressOf, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { release } from './allocation.ts'
import { named } from './named.ts'

/** Drops a reference to a table. The last drop frees the table. @returns true if the table was freed */
function put(machine: Machine, table: bigint): boolean {
  if (table === 0n) return false
  const counter = addressOf(table) + machine.layouts.offsetOf('iommu_table', 'it_kref')
  const left = machine.memory.s32(counter) - 1
  machine.memory.setU32(counter, left)
  if (left === 0) release(machine, table)
  return left === 0
}

export const iommu: HostFunctions = {
  iommu_init_table: modelled(['u64'], (_machine, table) => table),
  ...named(modelled(['u64'], put), 'iommu_tce_table_put', 'iommu_free_table'),
}
