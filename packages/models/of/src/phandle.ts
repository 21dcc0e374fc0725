// SPDX-License-Identifier: GPL-2.0-only
import {
  fileScope,
  GFP_ATOMIC,
  kfree,
  kzalloc,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  struct,
  type device_node,
} from '@pfo-workbench/kernel'
import { of_node_get } from './node.ts'
import { firstMatch } from './search.ts'
import { ofState } from './state.ts'
import { __of_find_all_nodes } from './walk.ts'

/** An unresolved phandle, which `of_populate_phandle_cache` skips (drivers/of/of_private.h, v4.18). */
export const OF_PHANDLE_ILLEGAL = 0xdeadbeef

/** The array that `phandle_cache` points to. */
class phandle_slots extends struct {
  /** Raw pointers, without references. */
  readonly nodes: (device_node | null)[] = []
}

const cache = fileScope(() => ({
  /** Null if there is no cache. */
  phandle_cache: null as phandle_slots | null,
  phandle_cache_mask: 0,
}))

/** The slot of a phandle: its low bits. */
function slotOf(handle: number): number {
  return (handle & cache().phandle_cache_mask) >>> 0
}

/**
 * Models `of_populate_phandle_cache` (drivers/of/base.c, v4.18): allocates a slot for each node with a valid phandle,
 * and more up to a power of two. If two nodes share a slot, the later node in tree order gets the slot. If memory is
 * short, there is no cache. Takes `devtree_lock`.
 */
export function of_populate_phandle_cache(): void {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  dropCache()
  const nodes = nodesWithHandle()
  const slots = kzalloc(phandle_slots, GFP_ATOMIC)
  if (slots !== null) {
    let size = 1
    while (size < nodes.length) size *= 2
    cache().phandle_cache_mask = size - 1
    cache().phandle_cache = slots
    for (let slot = 0; slot < size; slot++) slots.nodes.push(null)
    for (const np of nodes) slots.nodes[slotOf(np.phandle)] = np
  }
  raw_spin_unlock_irqrestore(devtree_lock)
}

/** The nodes whose phandle is neither 0 nor OF_PHANDLE_ILLEGAL, in tree order. `devtree_lock` held. */
function nodesWithHandle(): device_node[] {
  const found: device_node[] = []
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) {
    if (np.phandle !== 0 && np.phandle !== OF_PHANDLE_ILLEGAL) found.push(np)
  }
  return found
}

/** Frees the cache. `devtree_lock` held. */
function dropCache(): void {
  const { phandle_cache } = cache()
  cache().phandle_cache = null
  kfree(phandle_cache)
}

/** Models `of_free_phandle_cache` (drivers/of/base.c, v4.18): always 0. Takes `devtree_lock`. */
export function of_free_phandle_cache(): number {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  dropCache()
  raw_spin_unlock_irqrestore(devtree_lock)
  return 0
}

/**
 * Models `of_find_node_by_phandle` (drivers/of/base.c, v4.18): returns the cached node if its phandle matches, even if
 * that node is detached or freed. Otherwise it walks the tree and stores the result in the cache, if there is a cache.
 *
 * @returns the node with +1 for the caller to put; null if there is none, or if `handle` is 0
 */
export function of_find_node_by_phandle(handle: number): device_node | null {
  if (handle === 0) return null
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const slots = cache().phandle_cache?.nodes ?? null
  const slot = slotOf(handle)
  let np: device_node | null = null
  if (slots !== null) {
    const cached = slots[slot] ?? null
    if (cached !== null && cached.phandle === handle) np = cached
  }
  if (np === null) {
    np = firstMatch(__of_find_all_nodes(null), (node) => node.phandle === handle)
    if (np !== null && slots !== null) slots[slot] = np
  }
  of_node_get(np)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/** The filled slots of the cache, for inspection. */
export function phandleCacheSlots(): { slot: number; node: device_node }[] {
  return (cache().phandle_cache?.nodes ?? []).flatMap((node, slot) => (node === null ? [] : [{ slot, node }]))
}
