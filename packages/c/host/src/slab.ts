// SPDX-License-Identifier: GPL-2.0-only
// The slab: mm/slub.c and mm/slab_common.c. Pages of the page allocator come from the same heap.
import { addressOf, modelled, type HostFunctions, type Machine } from '@pfo-workbench/machine'
import { allocate, release, releaseArea, releasePages, releaseTo } from './allocation.ts'
import { constantOf } from './constants.ts'
import { named } from './named.ts'

/** `kmalloc(size, gfp)` and variants that differ only in the source of the memory, which no oracle sees. */
const kmalloc = modelled(['u64', 'u32'], (machine, size, gfp) => allocate(machine, { size, gfp }))
/** `kmalloc_trace(cache, gfp, size)`. */
const kmallocTrace = modelled(['u64', 'u32', 'u64'], (machine, _cache, gfp, size) =>
  allocate(machine, { size, gfp }),
)
/** `kmalloc_node_trace(cache, gfp, node, size)`. */
const kmallocNodeTrace = modelled(['u64', 'u32', 's32', 'u64'], (machine, _cache, gfp, _node, size) =>
  allocate(machine, { size, gfp }),
)
const kfree = modelled(['u64'], (machine, pointer) => release(machine, pointer))
/** `vmalloc(size)`. */
const vmalloc = (zeroed: boolean) =>
  modelled(['u64'], (machine, size) => {
    const gfp = constantOf(machine, 'GFP_DIRECT_RECLAIM') | (zeroed ? constantOf(machine, 'GFP_ZERO') : 0n)
    const alignment = Number(constantOf(machine, 'PAGE_SIZE'))
    return allocate(machine, { size, gfp: Number(gfp), alignment, pool: 'vmalloc' })
  })

/** State of a cache. To C, a `struct kmem_cache` is only an address. */
interface Cache {
  readonly name: string
  readonly struct: string
  readonly size: number
  readonly alignment: number
  /** The constructor of new objects, or 0. */
  readonly ctor: bigint
}

const key = Symbol('slab')

function cachesOf(machine: Machine): Map<bigint, Cache> {
  return machine.stateOf(key, () => new Map<bigint, Cache>())
}

/** Creates a cache. Its name is the name of the structure of its objects, with or without the suffix `_cache`. */
function createCache(machine: Machine, name: bigint, size: number, alignment: number, ctor: bigint): bigint {
  const text = machine.memory.stringAt(name) ?? 'bytes'
  const struct = text.replace(/_cache$/, '')
  const cache = machine.allocator.reserve(64)
  cachesOf(machine).set(cache, { name: text, struct, size, alignment: Math.max(16, alignment), ctor })
  return cache
}

function allocateFrom(machine: Machine, cache: bigint, gfp: number): bigint {
  const known = cachesOf(machine).get(cache)
  if (known === undefined) throw new Error('an object is requested from a cache that was never created')
  const { name, struct, size, alignment, ctor } = known
  const pointer = allocate(machine, { size: BigInt(size), gfp, struct, alignment, pool: name })
  if (pointer !== 0n && ctor !== 0n) {
    if (machine.options.slubPoison)
      machine.memory.bytes.fill(0, addressOf(pointer), addressOf(pointer) + size)
    machine.callPointer(ctor, pointer)
  }
  return pointer
}

const kmemCacheAlloc = modelled(['u64', 'u32'], (machine, cache, gfp) => allocateFrom(machine, cache, gfp))
/** `kmem_cache_alloc_lru(cache, lru, gfp)`. */
const kmemCacheAllocLru = modelled(['u64', 'u64', 'u32'], (machine, cache, _lru, gfp) =>
  allocateFrom(machine, cache, gfp),
)

/**
 * Returns a new object with another size and the same initial bytes, and frees the old object. Returns NULL and keeps
 * the old object if the allocation fails. Size 0 only frees the old object.
 */
function reallocate(machine: Machine, old: bigint, size: bigint, gfp: number): bigint {
  if (size === 0n) {
    release(machine, old)
    return 16n
  }
  const fresh = allocate(machine, { size, gfp })
  const record = machine.allocator.objectOf(old)
  if (fresh === 0n || record === null) return fresh
  const kept = Math.min(record.size, Number(size))
  machine.checked.bytes(fresh, kept, true).set(machine.checked.bytes(old, kept, false))
  release(machine, old)
  return fresh
}

function sizeOfObject(machine: Machine, pointer: bigint): bigint {
  return BigInt(machine.allocator.objectOf(pointer)?.size ?? 0)
}

/** True if a pointer points to or into memory of `vmalloc`. */
function isInArea(machine: Machine, pointer: bigint): boolean {
  return machine.memory.holds(pointer, 1) && machine.objects.at(addressOf(pointer))?.pool === 'vmalloc'
}

export const slab: HostFunctions = {
  ...named(
    kmalloc,
    'kmalloc',
    'kmalloc_noprof',
    '__kmalloc',
    '__kmalloc_noprof',
    'kmalloc_large',
    'kmalloc_large_noprof',
    '__kmalloc_large_noprof',
    '__kmalloc_node',
    '__kmalloc_node_noprof',
    'kmalloc_large_node',
    'kmalloc_large_node_noprof',
    '__kmalloc_track_caller',
    '__kmalloc_node_track_caller',
    '__kmalloc_node_track_caller_noprof',
    'kvmalloc_node',
    '__kvmalloc_node_noprof',
  ),
  ...named(vmalloc(false), 'vmalloc', 'vmalloc_noprof'),
  ...named(vmalloc(true), 'vzalloc', 'vzalloc_noprof'),
  ...named(kmallocTrace, 'kmalloc_trace', '__kmalloc_cache_noprof', 'kmalloc_trace_noprof'),
  ...named(
    kmallocNodeTrace,
    'kmalloc_node_trace',
    '__kmalloc_cache_node_noprof',
    'kmem_cache_alloc_node_trace',
  ),
  /** `kmem_cache_alloc_trace(cache, gfp, size)`, before 6.1. */
  kmem_cache_alloc_trace: kmallocTrace,
  ...named(kfree, 'kfree', 'kfree_sensitive', 'kzfree'),
  vfree: modelled(['u64'], releaseArea),
  kvfree: modelled(['u64'], (machine, pointer) =>
    isInArea(machine, pointer) ? releaseArea(machine, pointer) : release(machine, pointer),
  ),
  ...named(modelled(['u64', 'u64', 'u32'], reallocate), 'krealloc', 'krealloc_noprof'),
  ...named(modelled(['u64'], sizeOfObject), 'ksize', '__ksize'),
  ...named(
    modelled(['u64', 'u32', 'u32', 'u64', 'u64'], (machine, name, size, align, _flags, ctor) =>
      createCache(machine, name, size, align, ctor),
    ),
    'kmem_cache_create',
  ),
  /** `kmem_cache_create_usercopy(name, size, align, flags, useroffset, usersize, ctor)`. */
  kmem_cache_create_usercopy: modelled(
    ['u64', 'u32', 'u32', 'u64', 'u32', 'u32', 'u64'],
    (machine, name, size, align, _flags, _offset, _length, ctor) =>
      createCache(machine, name, size, align, ctor),
  ),
  /** `__kmem_cache_create_args(name, size, args, flags)`, from 6.12. */
  __kmem_cache_create_args: modelled(['u64', 'u32', 'u64'], (machine, name, size, pointer) => {
    if (pointer === 0n) return createCache(machine, name, size, 16, 0n)
    const args = machine.view('kmem_cache_args', pointer)
    return createCache(machine, name, size, args.number('align'), args.pointerIn('ctor'))
  }),
  ...named(
    kmemCacheAlloc,
    'kmem_cache_alloc',
    'kmem_cache_alloc_noprof',
    'kmem_cache_alloc_node',
    'kmem_cache_alloc_node_noprof',
  ),
  ...named(kmemCacheAllocLru, 'kmem_cache_alloc_lru', 'kmem_cache_alloc_lru_noprof'),
  kmem_cache_free: modelled(['u64', 'u64'], (machine, cache, pointer) =>
    releaseTo(machine, cachesOf(machine).get(cache)?.name ?? '?', pointer),
  ),
  kmem_cache_destroy: modelled(['u64'], (machine, cache) => {
    cachesOf(machine).delete(cache)
  }),
  /** `__get_free_pages(gfp, order)`: contiguous pages. */
  ...named(
    modelled(['u32', 'u32'], (machine, gfp, order) =>
      allocate(machine, {
        size: constantOf(machine, 'PAGE_SIZE') << BigInt(order),
        gfp,
        struct: 'pages',
        pool: 'pages',
      }),
    ),
    '__get_free_pages',
    'get_free_pages_noprof',
  ),
  ...named(
    modelled(['u32'], (machine, gfp) =>
      allocate(machine, {
        size: constantOf(machine, 'PAGE_SIZE'),
        gfp: gfp | Number(constantOf(machine, 'GFP_ZERO')),
        struct: 'pages',
        pool: 'pages',
      }),
    ),
    'get_zeroed_page',
    'get_zeroed_page_noprof',
  ),
  free_pages: modelled(['u64'], releasePages),
  is_vmalloc_addr: modelled(['u64'], isInArea),
}
