// SPDX-License-Identifier: GPL-2.0-only
// The boot allocator: mm/memblock.c. Its functions are called `memblock_virt_alloc_*` up to 4.19.
import { modelled, type HostFunctions } from '@pfo-workbench/machine'
import { allocateBootMemory } from './allocation.ts'
import { named } from './named.ts'

const zeroed = modelled(['u64', 'u64'], (machine, size, align) =>
  allocateBootMemory(machine, size, align, true),
)
const raw = modelled(['u64', 'u64'], (machine, size, align) =>
  allocateBootMemory(machine, size, align, false),
)

export const memblock: HostFunctions = {
  ...named(
    zeroed,
    'memblock_alloc_try_nid',
    'memblock_virt_alloc_try_nid',
    'memblock_virt_alloc_try_nid_nopanic',
    'memblock_alloc_try_nid_nopanic',
    '__memblock_alloc_or_panic',
  ),
  ...named(raw, 'memblock_alloc_try_nid_raw', 'memblock_virt_alloc_try_nid_raw'),
}
