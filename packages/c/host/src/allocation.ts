// SPDX-License-Identifier: GPL-2.0-only
import { locate } from '@pfo-workbench/image'
import {
  addressOf,
  chainAt,
  isAtLeast,
  logLevel,
  mightSleep,
  oops,
  pointerTo,
  printCutHere,
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
  /** As in `ObjectRecord`. */
  readonly pool?: string
  /** From a pool with a reserve: the allocation waits and never fails. */
  readonly neverFails?: boolean
}

/**
 * Allocates from the slab or the page allocator. Returns NULL for an injected failure or a size above the limit. May
 * sleep unless the flags forbid it.
 */
export function allocate(
  machine: Machine,
  { size, gfp, struct, alignment, pool, neverFails = false }: Request,
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
    pool,
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

/** Cache of `structOf`: kernels allocate at the same few places, and a machine has one `CallSites` for each place. */
const structs = new WeakMap<CallSites, string | null>()

function structOf(machine: Machine, callSites: CallSites): string | null {
  let struct = structs.get(callSites)
  if (struct === undefined) structs.set(callSites, (struct = findStruct(machine, callSites)))
  return struct
}

/**
 * The structure for which memory is allocated: the type of the variable that receives the result of the call. Skips
 * inline functions such as `kzalloc`, which only pass the result on.
 */
function findStruct(machine: Machine, callSites: CallSites): string | null {
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

/** The page allocator refuses a size above the limit, and warns once. */
function tooLarge(machine: Machine): bigint {
  if (!machine.warned.has(tooLargeAt)) {
    machine.warned.add(tooLargeAt)
    const fields = { file: 'mm/page_alloc.c', line: 0, function: '__alloc_pages', text: '', once: true }
    machine.journal.emit('warn', fields)
  }
  return 0n
}

/** Text that `%p` prints in place of an address. */
const hidden = '(____ptrval____)'

/** Flags of a warning in the bug table (include/asm-generic/bug.h). */
const flags = { warn: 1, warnOnce: 3, noCutHere: 8 } as const

/** Reports a `WARN` with a text. With `once`, only the first one of a file is reported. */
function warn(machine: Machine, file: string, text: string, once = false): void {
  machine.warnText = text
  const isNew = !once || !machine.warned.has(`${file}:0`)
  if (isNew) {
    printCutHere(machine)
    machine.journal.print(logLevel.warning, text)
  }
  trapped(machine, file, 0, (once ? flags.warnOnce : flags.warn) | flags.noCutHere)
}

/**
 * Frees a pointer that is not in the slab. Before v5.15 this is a BUG. Since then the kernel only warns once, and frees
 * the page although it is in use. Nothing shows until the page is used again.
 */
function releasePage(machine: Machine): void {
  if (!isAtLeast(machine.options.release, [5, 15])) oops(machine, { kind: 'bug', at: 'mm/slub.c:0' })
  const isNew = !machine.warned.has('mm/slub.c:0')
  trapped(machine, 'mm/slub.c', 0, flags.warnOnce)
  if (isNew) machine.journal.print(logLevel.warning, `object pointer: 0x${hidden}`)
}

/** Models `kfree`. A double free is reported and ignored. A pointer into an object is a BUG. */
export function release(machine: Machine, pointer: bigint): void {
  if (pointer === 0n || pointer === ZERO_SIZE_PTR) return
  const record = machine.allocator.objectOf(pointer)
  if (record?.origin === 'slab') {
    // The kernel looks for a page at this address, but there is none.
    if (record.pool === 'vmalloc') oops(machine, { kind: 'access', pointer, write: false })
    if (record.pool === 'pages') releasePage(machine)
    releaseObject(machine, record)
    return
  }
  const inSlab =
    !machine.memory.holds(pointer, 1) || machine.objects.at(addressOf(pointer))?.origin === 'slab'
  if (inSlab) oops(machine, { kind: 'bug', at: 'mm/slub.c:0' })
  releasePage(machine)
}

/**
 * Models `vfree`. Warns if the address is not from `vmalloc`. Before v5.0, such an address causes an access to NULL if
 * it is aligned.
 */
export function releaseArea(machine: Machine, pointer: bigint): void {
  if (isAtLeast(machine.options.release, [5, 0])) mightSleep(machine, 'mm/vmalloc.c')
  if (pointer === 0n) return
  const record = machine.allocator.objectOf(pointer)
  if (record?.pool === 'vmalloc') releaseObject(machine, record)
  else if (pointer % constantOf(machine, 'PAGE_SIZE') !== 0n)
    warn(machine, 'mm/vmalloc.c', `Trying to vfree() bad address (${hidden})`)
  else if (isAtLeast(machine.options.release, [5, 0]))
    warn(machine, 'mm/vmalloc.c', `Trying to vfree() nonexistent vm area (${hidden})`)
  else oops(machine, { kind: 'access', pointer: 0n, write: false })
}

/** Models `free_pages`. */
export function releasePages(machine: Machine, pointer: bigint): void {
  const record = machine.allocator.objectOf(pointer)
  if (record?.pool === 'pages') releaseObject(machine, record)
  else release(machine, pointer)
}

/**
 * Models `kmem_cache_free`. Only a kernel that checks the slab notices that an object is from another cache. Before
 * v5.9 the object then stays in use.
 */
export function releaseTo(machine: Machine, cache: string, pointer: bigint): void {
  const { slubPoison, release: version } = machine.options
  const record = machine.allocator.objectOf(pointer)
  if (record?.origin !== 'slab' || record.pool === 'vmalloc' || record.pool === 'pages') {
    if (!slubPoison || !isAtLeast(version, [5, 9]))
      oops(machine, { kind: 'access', pointer: 8n, write: false })
    warn(machine, 'mm/slab.h', 'virt_to_cache: Object is not a Slab page!', true)
    return
  }
  const own = record.pool ?? `kmalloc-${String(record.capacity)}`
  if (own !== cache && slubPoison) {
    warn(machine, 'mm/slab.h', `cache_from_obj: Wrong slab cache. ${cache} but object is from ${own}`)
    if (!isAtLeast(version, [5, 9])) return
  }
  releaseObject(machine, record)
}

function releaseObject(machine: Machine, record: ObjectRecord): void {
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
