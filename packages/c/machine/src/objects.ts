// SPDX-License-Identifier: GPL-2.0-only
import type { CallSites } from './stack.ts'

/** The source of an object's memory. */
export type ObjectOrigin =
  /** The slab, or pages. */
  | 'slab'
  /** The boot allocator, which never frees. */
  | 'memblock'
  /** A structure that shares boot memory with others. */
  | 'part'

/** An allocated object. A record never changes; `ObjectTable` keeps what happens later. */
export interface ObjectRecord {
  /** Type and number, in the order of the run: `device_node#12`. */
  readonly id: string
  readonly struct: string
  readonly address: number
  /** Requested bytes. */
  readonly size: number
  /** Bytes up to the trailing redzone. */
  readonly capacity: number
  readonly origin: ObjectOrigin
  /** The allocator that must free it: `vmalloc`, `pages`, or the name of a slab cache. Absent for `kmalloc`. */
  readonly pool?: string
  readonly allocated: CallSites
}

/** A saved state of the table. */
export interface SavedObjects {
  readonly all: readonly ObjectRecord[]
  readonly placed: readonly ObjectRecord[]
  readonly parts: readonly ObjectRecord[]
  readonly freed: ReadonlyMap<ObjectRecord, CallSites>
  readonly counts: ReadonlyMap<string, number>
}

/** All objects that ever existed, by address and in order. */
export class ObjectTable {
  /** In order of allocation. */
  #all: ObjectRecord[] = []
  /** Ascending by address. For reused memory, only the latest object. */
  #placed: ObjectRecord[] = []
  /** Parts of boot memory, ascending by address. */
  #parts: ObjectRecord[] = []
  #freed = new Map<ObjectRecord, CallSites>()
  #counts = new Map<string, number>()

  /** All objects, in order of allocation. */
  get all(): readonly ObjectRecord[] {
    return this.#all
  }

  /** The latest object at each address, in order of address, without parts of boot memory. */
  get placed(): readonly ObjectRecord[] {
    return this.#placed
  }

  /** Parts of boot memory, in order of address. */
  get parts(): readonly ObjectRecord[] {
    return this.#parts
  }

  /** Adds an object, and names it after its structure. */
  add(object: Omit<ObjectRecord, 'id'>): ObjectRecord {
    const { struct } = object
    const number = this.#counts.get(struct) ?? 0
    this.#counts.set(struct, number + 1)
    const record = { id: `${struct}#${String(number)}`, ...object }
    this.#all.push(record)
    place(record.origin === 'part' ? this.#parts : this.#placed, record)
    return record
  }

  /** Records that an object was freed, and where. */
  free(record: ObjectRecord, callSites: CallSites): void {
    this.#freed.set(record, callSites)
  }

  /** The place where an object was freed; null if it was not. */
  freedAt(record: ObjectRecord): CallSites | null {
    return this.#freed.get(record) ?? null
  }

  isFreed(record: ObjectRecord): boolean {
    return this.#freed.has(record)
  }

  /** The object that contains an address; null if there is none. */
  at(address: number): ObjectRecord | null {
    const part = lastFrom(this.#parts, address)
    if (part !== undefined && address < part.address + part.size) return part
    const placed = lastFrom(this.#placed, address)
    return placed !== undefined && address < placed.address + placed.size ? placed : null
  }

  /** The object that contains an address, or is within `distance` bytes of it; null if there is none. */
  near(address: number, distance: number): ObjectRecord | null {
    const inside = this.at(address)
    if (inside !== null) return inside
    const index = indexFrom(this.#placed, address)
    const before = this.#placed[index]
    if (before !== undefined && address < before.address + before.capacity + distance) return before
    const after = this.#placed[index + 1]
    return after !== undefined && address >= after.address - distance ? after : null
  }

  /** The object that starts at an address; null if there is none. */
  startingAt(address: number): ObjectRecord | null {
    const part = lastFrom(this.#parts, address)
    if (part?.address === address) return part
    const placed = lastFrom(this.#placed, address)
    return placed?.address === address ? placed : null
  }

  save(): SavedObjects {
    return {
      all: this.#all.slice(),
      placed: this.#placed.slice(),
      parts: this.#parts.slice(),
      freed: new Map(this.#freed),
      counts: new Map(this.#counts),
    }
  }

  restore(saved: SavedObjects): void {
    this.#all = saved.all.slice()
    this.#placed = saved.placed.slice()
    this.#parts = saved.parts.slice()
    this.#freed = new Map(saved.freed)
    this.#counts = new Map(saved.counts)
  }
}

/** Inserts a record into a list sorted by address. Replaces a record with the same address. */
function place(list: ObjectRecord[], record: ObjectRecord): void {
  const index = indexFrom(list, record.address)
  const replaced = list[index]?.address === record.address
  if (!replaced && index === list.length - 1) list.push(record)
  else list.splice(replaced ? index : index + 1, replaced ? 1 : 0, record)
}

/** Index of the last record that starts at or before an address; -1 if there is none. */
function indexFrom(list: readonly ObjectRecord[], address: number): number {
  let low = 0
  let high = list.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if ((list[middle]?.address ?? 0) <= address) low = middle + 1
    else high = middle - 1
  }
  return high
}

function lastFrom(list: readonly ObjectRecord[], address: number): ObjectRecord | undefined {
  return list[indexFrom(list, address)]
}
