// SPDX-License-Identifier: GPL-2.0-only
import { locate } from '@pfo-workbench/image'
import {
  addressOf,
  chainAt,
  isAtLeast,
  mightSleep,
  oops,
  pointerTo,
  printDoubleFree,
  trapped,
  type Machine,
  type ObjectRecord,
  type CallSites,
} from '@pfo-workbench/machine'
import { constantOf } from './constants.ts'

/** Result of `kmalloc(0)` (include/linux/slab.h, `ZERO_SIZE_PTR`). */
const ZERO_SIZE_PTR = 16n

/** Size limit of one allocation (include/linux/slab.h, `KMALLOC_MAX_SIZE`, powerpc with 64 KiB pages): 16 MiB. */
const KMALLOC_MAX_SIZE = 0x1000000n

/** An allocation request. */
export interface Request {
  /** Bytes. */
  readonly size: bigint
  /** GFP flags. */
  readonly gfp: number
  /** The type of the object, if the kernel names it. */
  readonly struct?: string
  readonly alignment?: number
  /** From a pool with a reserve: the allocation waits and never fails. */
  readonly neverFails?: boolean
}

/**
 * Allocates from the slab or the page allocator. Returns NULL for an injected failure or a size above the limit. May
 * sleep unless the flags forbid it.
 */
export function allocate(
  machine: Machine,
  { size, gfp, struct, alignment, neverFails = false }: Request,
): bigint {
  if ((BigInt(gfp) & constantOf(machine, 'GFP_DIRECT_RECLAIM')) !== 0n) mightSleep(machine, 'mm/slab.h')
  if (size === 0n) return ZERO_SIZE_PTR
  if (size > KMALLOC_MAX_SIZE) return tooLarge(machine)
  const callSites = machine.callSitesHere()
  const name = struct ?? structOf(machine, callSites) ?? 'bytes'
  if (!neverFails && isToFail(machine, name, callSites)) return 0n
  const zeroed = (BigInt(gfp) & constantOf(machine, 'GFP_ZERO')) !== 0n
  const record = machine.allocator.allocate({
    size: Number(size),
    struct: name,
    zeroed,
    origin: 'slab',
    callSites,
    ...(alignment === undefined ? {} : { alignment }),
  })
  announce(machine, record, callSites)
  return pointerTo(record.address)
}

/** Allocates from the boot allocator, zeroed or not. This memory is never freed. */
export function allocateBootMemory(
  machine: Machine,
  size: bigint,
  alignment: bigint,
  zeroed: boolean,
): bigint {
  const callSites = machine.callSitesHere()
  const struct = structOf(machine, callSites) ?? 'bytes'
  const record = machine.allocator.allocate({
    size: Number(size),
    struct,
    zeroed,
    origin: 'memblock',
    alignment: Number(alignment),
    callSites,
  })
  announce(machine, record, callSites)
  return pointerTo(record.address)
}

function announce(machine: Machine, { id, struct, size }: ObjectRecord, callSites: CallSites): void {
  machine.journal.emit('alloc', { object: id, struct, size: struct === 'bytes' ? size : 0 }, callSites)
}

/**
 * The structure for which memory is allocated: the type of the variable that receives the result of the call. Skips
 * inline functions such as `kzalloc`, which only pass the result on.
 */
function structOf(machine: Machine, callSites: CallSites): string | null {
  for (const site of callSites.sites) {
    const frame = locate(machine.image, site)
    if (frame === null) continue
    if (frame.allocates !== null) return frame.allocates
    if (!frame.inline) return null
  }
  return null
}

function isToFail(machine: Machine, struct: string, callSites: CallSites): boolean {
  if (machine.failing?.(struct, callSites) !== true) return false
  machine.journal.emit('alloc.failed', { struct }, callSites)
  return true
}

const tooLargeAt = 'mm/page_alloc.c:0'

/** The page allocator refuses such a size, and warns once. */
function tooLarge(machine: Machine): bigint {
  if (!machine.warned.has(tooLargeAt)) {
    machine.warned.add(tooLargeAt)
    const fields = { file: 'mm/page_alloc.c', line: 0, function: '__alloc_pages', text: '', once: true }
    machine.journal.emit('warn', fields)
  }
  return 0n
}

/** Flags of a WARN_ON_ONCE in the bug table. */
const warnOnce = 3

/**
 * Frees a pointer that is not the start of an object of the slab: a BUG, as in SLUB. Since v5.15, a pointer to memory
 * that the slab does not have is only warned of once. The page of such memory is reserved, so it stays in use.
 */
function releaseOther(machine: Machine, pointer: bigint): void {
  const inSlab =
    !machine.memory.holds(pointer, 1) || machine.objects.at(addressOf(pointer))?.origin === 'slab'
  if (inSlab || !isAtLeast(machine.options.release, [5, 15]))
    oops(machine, { kind: 'bug', at: 'mm/slub.c:0' })
  trapped(machine, 'mm/slub.c', 0, warnOnce)
}

/** Frees memory. A double free is reported and ignored. */
export function release(machine: Machine, pointer: bigint): void {
  if (pointer === 0n || pointer === ZERO_SIZE_PTR) return
  const record = machine.allocator.objectOf(pointer)
  if (record?.origin !== 'slab') {
    releaseOther(machine, pointer)
    return
  }
  const freedBy = machine.objects.freedAt(record)
  const { id: object, struct, allocated: allocatedBy } = record
  if (freedBy !== null) {
    machine.journal.emit('double-free', { object, struct, allocatedBy, freedBy })
    if (machine.options.slubPoison) {
      const cache = struct === 'bytes' ? `kmalloc-${String(record.capacity)}` : struct
      const [allocated, freed] = [allocatedBy, freedBy].map((callSites) => chainAt(machine.image, callSites))
      printDoubleFree(machine, cache, allocated ?? [], freed ?? [])
    }
    return
  }
  const callSites = machine.callSitesHere()
  machine.allocator.release(record, callSites)
  machine.journal.emit('free', { object, struct }, callSites)
}
