// SPDX-License-Identifier: GPL-2.0-only
import type { Range } from '@pfo-workbench/image'
import { Halt } from './halt.ts'
import { addressOf, pointerTo, type Memory } from './memory.ts'
import type { ObjectOrigin, ObjectRecord, ObjectTable } from './objects.ts'
import { shadowReasons, type Shadow } from './shadow.ts'
import type { CallSites } from './stack.ts'

/** Arguments of an allocation. */
export interface AllocationRequest {
  /** Bytes. */
  readonly size: number
  readonly struct: string
  readonly zeroed: boolean
  readonly origin: Exclude<ObjectOrigin, 'part'>
  /** As in `ObjectRecord`. */
  readonly pool?: string | undefined
  /** Alignment in bytes; at least 16. */
  readonly alignment?: number
  readonly callSites: CallSites
}

/** A saved state of the allocator. */
export interface SavedHeap {
  readonly end: number
  readonly quarantine: readonly ObjectRecord[]
}

/** Size in bytes of the redzones before and after an object. */
export const redzone = 16

/** Poison bytes, as with `slub_debug=P` (include/linux/poison.h). */
const poison = { inUse: 0x5a, free: 0x6b, end: 0xa5, redInactive: 0xbb, redActive: 0xcc } as const

/** Largest natural alignment: a page of 64 KiB. */
const largestAlignment = 65536

/**
 * Allocates memory on the heap, with redzones around each object. Freed memory goes into quarantine, so that uses after
 * free are detected. It leaves quarantine only if `reuse` selects it, or, oldest first, when no other memory is left.
 */
export class Allocator {
  readonly #memory: Memory
  readonly #shadow: Shadow
  readonly #objects: ObjectTable
  readonly #range: Range
  #end: number
  #quarantine: ObjectRecord[] = []
  /** True if memory is poisoned on allocation and free, as with `slub_debug=FZPU`. */
  poisons = true
  /**
   * Selects the freed object whose memory a new object reuses; null for fresh memory. Without this function all memory
   * is fresh.
   */
  reuse: ((struct: string) => ObjectRecord | null) | null = null

  constructor(memory: Memory, shadow: Shadow, objects: ObjectTable, range: Range) {
    this.#memory = memory
    this.#shadow = shadow
    this.#objects = objects
    this.#range = range
    this.#end = range.start
    shadow.forbid(range.start, range.end - range.start, shadowReasons.unallocated)
  }

  /** Start of the memory that was never allocated. */
  get end(): number {
    return this.#end
  }

  /** Allocates memory. @throws Halt when no memory is left: the run cannot predict what a kernel would do. */
  allocate({
    size,
    struct,
    zeroed,
    origin,
    pool,
    alignment = 16,
    callSites,
  }: AllocationRequest): ObjectRecord {
    const capacity = cacheSize(size)
    const reused = this.reuse?.(struct) ?? null
    const address =
      reused?.capacity === capacity && this.#leavesQuarantine(reused)
        ? reused.address
        : this.#take(capacity, Math.max(alignment, naturalAlignment(size)))
    const made = { struct, address, size, capacity, origin, allocated: callSites }
    const record = this.#objects.add(pool === undefined ? made : { ...made, pool })
    const { bytes } = this.#memory
    const filling = zeroed || !this.poisons ? 0 : poison.inUse
    bytes.fill(filling, address, address + capacity)
    bytes.fill(this.poisons ? poison.redActive : 0, address + capacity, address + capacity + redzone)
    this.#shadow.forbid(address - redzone, redzone, shadowReasons.redzone)
    this.#shadow.forbid(address, capacity + redzone, shadowReasons.redzone)
    this.#shadow.allow(address, size)
    return record
  }

  /** @returns false if the object's memory was already reused */
  #leavesQuarantine(freed: ObjectRecord): boolean {
    const index = this.#quarantine.indexOf(freed)
    if (index >= 0) this.#quarantine.splice(index, 1)
    return index >= 0
  }

  #take(capacity: number, alignment: number): number {
    const address = roundUp(this.#end + redzone, alignment)
    const end = address + capacity + redzone
    if (end <= this.#range.end) {
      this.#end = end
      return address
    }
    const index = this.#quarantine.findIndex(
      (freed) => freed.capacity >= capacity && freed.address % alignment === 0,
    )
    const [freed] = index < 0 ? [] : this.#quarantine.splice(index, 1)
    if (freed === undefined) throw new Halt('unmodelled', 'the machine has no memory left')
    return freed.address
  }

  /**
   * Reserves zeroed memory for the machine itself or for data outside of any allocator. This memory is not an object.
   *
   * @throws Halt when no memory is left
   */
  reserve(size: number, alignment = 16): bigint {
    const address = roundUp(this.#end, Math.max(16, alignment))
    const end = address + roundUp(size, 8)
    if (end > this.#range.end) throw new Halt('unmodelled', 'the machine has no memory left')
    this.#end = end
    this.#memory.bytes.fill(0, address, end)
    this.#shadow.allow(address, size)
    return pointerTo(address)
  }

  /** Frees an object. Later accesses to it are detected. */
  release(record: ObjectRecord, callSites: CallSites): void {
    const { address, size, capacity, origin } = record
    this.#objects.free(record, callSites)
    this.#shadow.forbid(address, size, shadowReasons.freed)
    if (this.poisons && size > 0) {
      const { bytes } = this.#memory
      bytes.fill(poison.free, address, address + capacity - 1)
      bytes[address + capacity - 1] = poison.end
      if (origin !== 'part') {
        bytes.fill(poison.redInactive, address + capacity, address + capacity + 8)
        bytes.fill(0, address + capacity + 8, address + capacity + redzone)
      }
    }
    if (origin !== 'part') this.#quarantine.push(record)
  }

  /** The object that starts at a pointer; null if there is none. */
  objectOf(pointer: bigint): ObjectRecord | null {
    return this.#memory.holds(pointer, 1) ? this.#objects.startingAt(addressOf(pointer)) : null
  }

  save(): SavedHeap {
    return { end: this.#end, quarantine: this.#quarantine.slice() }
  }

  /** The caller restores memory and shadow below `end`. */
  restore({ end, quarantine }: SavedHeap): void {
    if (this.#end > end) {
      this.#shadow.forbid(end, this.#end - end, shadowReasons.unallocated)
      // The scan for pointers also reads the bytes between objects, which allocations do not overwrite.
      this.#memory.bytes.fill(0, end, this.#end)
    }
    this.#end = end
    this.#quarantine = quarantine.slice()
  }
}

/**
 * Size of the kmalloc cache for a size: powers of two from 8 to 8192, and 96 and 192. Above 8192, the size rounded up
 * to a multiple of 8.
 */
export function cacheSize(size: number): number {
  if (size > 64 && size <= 96) return 96
  if (size > 128 && size <= 192) return 192
  if (size > 8192) return roundUp(size, 8)
  let cache = 8
  while (cache < size) cache *= 2
  return cache
}

/** A power-of-two size is naturally aligned, which kmalloc guarantees since v5.4. */
function naturalAlignment(size: number): number {
  const isPowerOfTwo = size > 0 && (size & (size - 1)) === 0
  return isPowerOfTwo ? Math.min(size, largestAlignment) : 16
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
