// SPDX-License-Identifier: GPL-2.0-only
import { cstr, Memory } from '../c/bytes.ts'
import { debug_locks_off } from '../kernel/locking/debug-locks.ts'
import { callsHere } from '../machine/calls.ts'
import type { ObjectId } from '../machine/events.ts'
import {
  currentMachine,
  emitEvent,
  fileScope,
  undoAfterTrial,
  type MachineState,
} from '../machine/machine.ts'
import { BUG } from '../kernel/oops.ts'
import { dump_stack, TAINT_BAD_PAGE, taint, WARN_ONCE } from '../kernel/panic.ts'
import { poisonBytes, fillAgain, trapFields } from './poison.ts'
import { pr_err, pr_warn } from '../kernel/printk.ts'
import { might_sleep } from '../kernel/sched.ts'
import type { Allocated, SlabRecord } from './slab-record.ts'

/**
 * Decides whether an allocation fails.
 *
 * @param struct - name of the struct; `bytes` for buffers
 * @param callers - returns the kernel functions that led to the allocation, innermost first
 * @returns true to make the allocation fail
 */
export type FailureChoice = (struct: string, callers: () => readonly string[]) => boolean

const slab = fileScope(() => ({
  /** Number of allocations of each struct: objects are numbered per struct. */
  counts: new Map<string, number>(),
  /** Called before each allocation. Null if no failures are injected. */
  failing: null as FailureChoice | null,
  /** The `choose` of `injectMemoryReuse`. Null if memory is never reused. */
  reusing: null as ((struct: string) => Allocated | null) | null,
}))

/**
 * Models `memblock_alloc` (mm/memblock.c, v4.18), the boot-time allocator. Its memory is never freed. The object gets a
 * name like any other; `kfree` of it is a BUG.
 */
export function memblock_alloc<T extends Allocated>(type: new () => T): T {
  const object = new type()
  recordAllocation(currentMachine(), object, type.name, null)
  return object
}

function recordAllocation(
  machine: MachineState,
  object: Allocated,
  structName: string,
  size: number | null,
): void {
  const id = addToHeap(machine, object, structName, size)
  emitEvent('alloc', { object: id, struct: structName, size: size ?? 0 })
}

/**
 * Gives an object its record and adds the object to the heap. Reused memory gets a new record; it is in the heap
 * already.
 *
 * @returns the name of the object
 */
function addToHeap(
  machine: MachineState,
  object: Allocated,
  structName: string,
  size: number | null,
): ObjectId {
  const counts = slab().counts
  const number = counts.get(structName) ?? 0
  counts.set(structName, number + 1)
  const id = `${structName}#${String(number)}`
  const isFresh = object.slab === null
  object.slab = {
    id,
    struct: structName,
    size,
    allocated: machine.trackHere(),
    step: machine.step,
    freed: false,
    freedAt: null,
  }
  if (isFresh) machine.heap.push(object)
  undoAfterTrial(() => {
    counts.set(structName, number)
    if (isFresh) machine.heap.pop()
  })
  return id
}

/** `GFP_KERNEL` if an allocation may sleep, `GFP_ATOMIC` if it must not (include/linux/gfp.h, v4.18). */
export type gfp_t = 'GFP_KERNEL' | 'GFP_ATOMIC'
/** May sleep (include/linux/gfp.h, v4.18). */
export const GFP_KERNEL: gfp_t = 'GFP_KERNEL'
/** Must not sleep (include/linux/gfp.h, v4.18). */
export const GFP_ATOMIC: gfp_t = 'GFP_ATOMIC'

/**
 * Models `slab_pre_alloc_hook` (mm/slab.h, v4.18), which runs before each allocation from a cache. For objects whose
 * memory the models do not track, this check is the whole allocation.
 *
 * @param structName - name of the struct, for failure injection
 * @returns false if the allocation fails
 */
export function mayAllocate(structName: string, gfp: gfp_t = GFP_KERNEL): boolean {
  if (gfp === GFP_KERNEL) might_sleep('mm/slab.h:421')
  return !mustFail(structName)
}

/**
 * Models `kzalloc(sizeof(*p), gfp)` (include/linux/slab.h, v4.18): allocates a zeroed struct. May sleep unless `gfp` is
 * `GFP_ATOMIC`.
 *
 * @param type - class of the struct, constructible without arguments
 * @returns null if the allocation fails, which happens only by failure injection
 */
export function kzalloc<T extends Allocated>(type: new () => T, gfp: gfp_t = GFP_KERNEL): T | null {
  const machine = currentMachine()
  if (!mayAllocate(type.name, gfp)) return null
  const reused = machine.trial === null ? (slab().reusing?.(type.name) ?? null) : null
  const object = new type()
  if (reused !== null) fillAgain(reused, object)
  const memory = (reused ?? object) as T
  recordAllocation(machine, memory, type.name, 0)
  return memory
}

/**
 * Models `kmem_cache_zalloc` (include/linux/slab.h, v4.18) for structs that are allocated very often: `kernfs_node`.
 * No event reports the allocation or the free, and accesses after the free are not detected. May sleep.
 *
 * @param create - creates the struct
 * @returns null if the allocation fails, which happens only by failure injection
 */
export function kmem_cache_zalloc<T extends Allocated>(structName: string, create: () => T): T | null {
  if (!mayAllocate(structName)) return null
  const object = create()
  addToHeap(currentMachine(), object, structName, 0)
  return object
}

/**
 * Models `kmem_cache_free` (mm/slub.c, v4.18) for memory from `kmem_cache_zalloc`. Only marks the object as freed.
 * Ignores objects that did not come from the allocator.
 */
export function kmem_cache_free({ slab: record }: Allocated): void {
  if (record === null) return
  record.freedAt = currentMachine().trackHere()
  record.freed = true
  undoAfterTrial(() => (record.freed = false))
}

/** Models `should_failslab` (mm/failslab.c, v4.18). No allocation fails in a trial. */
function mustFail(structName: string): boolean {
  if (currentMachine().trial !== null) return false
  const fails = slab().failing?.(structName, () => callsHere().functions) === true
  if (fails) emitEvent('alloc.failed', { struct: structName })
  return fails
}

/** Maximum size of one allocation (include/linux/slab.h, v4.18, powerpc): 16 MiB. */
export const KMALLOC_MAX_SIZE = 0x1000000

/**
 * Models `kmalloc(size, gfp)` (include/linux/slab.h, v4.18) for bytes. May sleep unless `gfp` is `GFP_ATOMIC`.
 *
 * @param size - in bytes; a negative size becomes a huge `size_t`, as in C
 * @returns a pointer to zeroed bytes, or null if the allocation fails: by failure injection, or because `size` is above
 *   `KMALLOC_MAX_SIZE`, which also warns
 */
export function kmalloc(size: number, gfp: gfp_t = GFP_KERNEL): cstr | null {
  const machine = currentMachine()
  if (size < 0 || size > KMALLOC_MAX_SIZE) return __alloc_pages_slowpath(gfp)
  if (!mayAllocate('bytes', gfp)) return null
  const memory = new Memory(new Uint8Array(size), false)
  recordAllocation(machine, memory, 'bytes', size)
  return new cstr(memory, 0)
}

/**
 * Models `__alloc_pages_slowpath` of the page allocator for an allocation above the maximum size: warns once and fails.
 */
function __alloc_pages_slowpath(gfp: gfp_t): null {
  if (gfp === GFP_KERNEL) might_sleep('mm/page_alloc.c:4323')
  WARN_ONCE(true, 'mm/page_alloc.c:4065', '')
  return null
}

/**
 * Models `kfree` (mm/slub.c, v4.18). Any later access to the memory is recorded as a use-after-free.
 *
 * A pointer into the middle of an allocation, or to memory that did not come from the slab allocator, is a BUG, as in
 * SLUB. A double free is recorded and otherwise ignored. With SLUB debugging, the console shows it too.
 *
 * @param p - a result of `kzalloc` or `kmalloc`, or null
 */
export function kfree(p: Allocated | cstr | null): void {
  // A trial frees nothing: the object must survive the trial.
  if (p === null || currentMachine().trial !== null) return
  const object: Allocated = p instanceof cstr ? p.memory : p
  const record = object.slab
  if (record?.size == null || (p instanceof cstr && p.offset !== 0)) {
    BUG('mm/slub.c:3903')
  }
  const machine = currentMachine()
  if (record.freed) {
    reportDoubleFree(record)
    return
  }
  record.freedAt = machine.trackHere()
  record.freed = true
  emitEvent('free', { object: record.id, struct: record.struct })
  if (object instanceof Memory) {
    if (machine.config.slubPoison) poisonBytes(object, objectSize(record.size))
  } else {
    trapFields(object, record, machine.config.slubPoison)
  }
}

/**
 * Records a double free. With SLUB debugging, also prints `BUG kmalloc-64 (Tainted: ...): Object already free` and the
 * details that follow this line (mm/slub.c, `free_consistency_checks` and `print_trailer`, v4.18).
 */
function reportDoubleFree(record: SlabRecord): void {
  const allocatedBy = record.allocated.functions
  const freedBy = record.freedAt?.functions ?? []
  emitEvent('double-free', { object: record.id, struct: record.struct, allocatedBy, freedBy })
  if (!currentMachine().config.slubPoison) return
  const rule = '='.repeat(77)
  pr_err('%s\n', rule)
  pr_err('BUG %s (%s): Object already free\n', cacheName(record), taint.text())
  pr_err('%s\n\n', '-'.repeat(77))
  taint.add(TAINT_BAD_PAGE)
  if (debug_locks_off()) pr_warn('Disabling lock debugging due to kernel taint\n')
  printTrack('Allocated', allocatedBy)
  printTrack('Freed', freedBy)
  dump_stack()
  pr_err('FIX %s: Object at %s not freed\n', cacheName(record), record.id)
}

/** Maximum length of the call chains that SLUB records (mm/slub.c, v4.18). */
const TRACK_ADDRS_COUNT = 16

/**
 * Models `print_track` (mm/slub.c, v4.18): prints the function that called the allocator, then the call chain up to
 * `TRACK_ADDRS_COUNT` functions. Prints nothing if the call chain was not recorded.
 */
function printTrack(what: string, chain: readonly string[]): void {
  const user = chain.find((name) => !allocators.has(name))
  if (user === undefined) return
  pr_err('INFO: %s in %s\n', what, user)
  for (const name of chain.slice(0, TRACK_ADDRS_COUNT)) pr_err('\t%s\n', name)
}

/** Functions that allocate or free on behalf of their caller. SLUB names the caller. */
const allocators: ReadonlySet<string> = new Set(['kmalloc', 'kzalloc', 'kmemdup', 'kstrdup', 'kfree'])

/**
 * Returns the name of the cache that serves an object. For a struct, the name of the struct: its size is not modelled.
 */
function cacheName({ struct, size }: SlabRecord): string {
  return struct === 'bytes' ? `kmalloc-${String(objectSize(size ?? 0))}` : struct
}

/** Returns the object size of the kmalloc cache for a size: powers of two from 8, and 96 and 192. */
function objectSize(size: number): number {
  if (size > 64 && size <= 96) return 96
  if (size > 128 && size <= 192) return 192
  let cache = 8
  while (cache < size) cache *= 2
  return cache
}

/** Returns the stable name of an allocated object, or `?` for memory that did not come from the allocator. */
export function objectId(object: Allocated): string {
  return object.slab?.id ?? '?'
}

/** Returns whether an object was freed. For inspection only: kernel code cannot ask this. */
export function isFreed(object: Allocated): boolean {
  return object.slab?.freed === true
}

/**
 * Makes allocations fail, like fault injection in a kernel with `CONFIG_FAILSLAB`.
 *
 * @param decide - called before each allocation; null stops the injection
 */
export function injectAllocationFailures(decide: FailureChoice | null): void {
  slab().failing = decide
}

/**
 * Makes the allocator reuse freed memory, as SLUB may do at any time. By default, memory is never reused, so that every
 * use after free is detected.
 *
 * @param choose - called with the struct's name before each allocation of a struct; returns a freed object of that
 *   struct, or null for fresh memory. A null `choose` stops the reuse.
 */
export function injectMemoryReuse(choose: ((struct: string) => Allocated | null) | null): void {
  slab().reusing = choose
}
