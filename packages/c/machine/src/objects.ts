// SPDX-License-Identifier: GPL-2.0-only
import type { Track } from './stack.ts'

/** Where an object's memory comes from. */
export type ObjectOrigin =
  /** The slab, or pages. */
  | 'slab'
  /** The allocator of the boot, which takes nothing back. */
  | 'memblock'
  /** A structure that lies in memory of the boot allocator together with others. */
  | 'part'

/** An allocated object. What happens to it later is kept by `ObjectTable`: a record never changes. */
export interface ObjectRecord {
  /** What it is and which one, in the order of the run: `device_node#12`. */
  readonly id: string
  readonly struct: string
  readonly address: number
  /** Bytes that were asked for. */
  readonly size: number
  /** Bytes up to the redzone behind it. */
  readonly capacity: number
  readonly origin: ObjectOrigin
  readonly allocated: Track
}

/** The table as it was at some moment. */
export interface SavedObjects {
  readonly all: readonly ObjectRecord[]
  readonly placed: readonly ObjectRecord[]
  readonly parts: readonly ObjectRecord[]
  readonly freed: ReadonlyMap<ObjectRecord, Track>
  readonly counts: ReadonlyMap<string, number>
}

/** Every object that there was, by place and in order. */
export class ObjectTable {
  /** In the order of allocation. */
  #all: ObjectRecord[] = []
  /** By rising address; where memory was given out again, the last object that lay there. */
  #placed: ObjectRecord[] = []
  /** Parts of memory of the boot allocator, by rising address. */
  #parts: ObjectRecord[] = []
  #freed = new Map<ObjectRecord, Track>()
  #counts = new Map<string, number>()

  /** All objects, in the order of allocation. */
  get all(): readonly ObjectRecord[] {
    return this.#all
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

  /** Notes that an object was freed, and where. */
  free(record: ObjectRecord, track: Track): void {
    this.#freed.set(record, track)
  }

  /** Where an object was freed; null while it is not. */
  freedAt(record: ObjectRecord): Track | null {
    return this.#freed.get(record) ?? null
  }

  isFreed(record: ObjectRecord): boolean {
    return this.#freed.has(record)
  }

  /** The object that an address is in; null if there is none. */
  at(address: number): ObjectRecord | null {
    const part = lastFrom(this.#parts, address)
    if (part !== undefined && address < part.address + part.size) return part
    const placed = lastFrom(this.#placed, address)
    return placed !== undefined && address < placed.address + placed.size ? placed : null
  }

  /** The object that an address is in or beside of, no further from it than `distance` bytes; null if there is none. */
  near(address: number, distance: number): ObjectRecord | null {
    const inside = this.at(address)
    if (inside !== null) return inside
    const index = indexFrom(this.#placed, address)
    const before = this.#placed[index]
    if (before !== undefined && address < before.address + before.capacity + distance) return before
    const after = this.#placed[index + 1]
    return after !== undefined && address >= after.address - distance ? after : null
  }

  /** The object that begins at an address. */
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

/** Puts a record in its place in a list by rising address; one that lay at the same address goes. */
function place(list: ObjectRecord[], record: ObjectRecord): void {
  const index = indexFrom(list, record.address)
  const replaced = list[index]?.address === record.address
  if (!replaced && index === list.length - 1) list.push(record)
  else list.splice(replaced ? index : index + 1, replaced ? 1 : 0, record)
}

/** Position of the last record that begins at or before an address; -1 if there is none. */
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
