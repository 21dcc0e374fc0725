// SPDX-License-Identifier: GPL-2.0-only
import {
  currentMachine,
  fileScope,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  type device_node,
} from '@pfo-workbench/kernel'
import { of_node_get } from './node.ts'
import { firstMatch } from './search.ts'
import { of } from './state.ts'
import { __of_find_all_nodes } from './walk.ts'

/** A phandle that no node has. */
export const OF_PHANDLE_ILLEGAL = 0xdeadbeef

const cache = fileScope(() => ({
  /** Slots of the phandle cache: raw pointers, no references held. Null when there is no cache. */
  phandle_cache: null as (device_node | null)[] | null,
  phandle_cache_mask: 0,
}))

/**
 * Models `of_populate_phandle_cache` (drivers/of/base.c, v4.18): a slot for each handle, the size rounded up to a power of
 * two; of two nodes with one slot the later in tree order stays.
 */
export function of_populate_phandle_cache(): void {
  const state = cache()
  const { devtree_lock } = of()
  raw_spin_lock_irqsave(devtree_lock)
  state.phandle_cache = null
  let phandles = 0
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) {
    if (np.phandle !== 0 && np.phandle !== OF_PHANDLE_ILLEGAL) phandles++
  }
  let cache_entries = 1
  while (cache_entries < phandles) cache_entries *= 2
  const phandle_cache = new Array<device_node | null>(cache_entries).fill(null)
  state.phandle_cache_mask = cache_entries - 1
  state.phandle_cache = phandle_cache
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) {
    if (np.phandle !== 0 && np.phandle !== OF_PHANDLE_ILLEGAL) {
      phandle_cache[(np.phandle & state.phandle_cache_mask) >>> 0] = np
    }
  }
  raw_spin_unlock_irqrestore(devtree_lock)
}

/** Models `of_free_phandle_cache` (drivers/of/base.c, v4.18). */
export function of_free_phandle_cache(): number {
  const { devtree_lock } = of()
  raw_spin_lock_irqsave(devtree_lock)
  cache().phandle_cache = null
  raw_spin_unlock_irqrestore(devtree_lock)
  return 0
}

/** The late initcall of `of_free_phandle_cache`, which is there only in kernels without modules. */
export function of_free_phandle_cache_initcall(): number {
  return currentMachine().config.modules ? 0 : of_free_phandle_cache()
}

/**
 * Models `of_find_node_by_phandle` (drivers/of/base.c, v4.18): a slot whose node has this handle is believed, detached or
 * freed as that node may be; else the tree is walked and the slot set.
 *
 * @returns the node with +1 for the caller to put, or null
 */
export function of_find_node_by_phandle(handle: number): device_node | null {
  if (handle === 0) return null
  const { devtree_lock } = of()
  raw_spin_lock_irqsave(devtree_lock)
  const { phandle_cache, phandle_cache_mask } = cache()
  const masked_handle = (handle & phandle_cache_mask) >>> 0
  let np: device_node | null = null
  if (phandle_cache !== null) {
    const cached = phandle_cache[masked_handle] ?? null
    if (cached !== null && cached.phandle === handle) np = cached
  }
  if (np === null) {
    np = firstMatch(__of_find_all_nodes(null), (node) => node.phandle === handle)
    if (np !== null && phandle_cache !== null) phandle_cache[masked_handle] = np
  }
  of_node_get(np)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/** The filled slots of the cache, for inspection. */
export function phandleCacheSlots(): { slot: number; node: device_node }[] {
  return (cache().phandle_cache ?? []).flatMap((node, slot) => (node === null ? [] : [{ slot, node }]))
}
