// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from './machine.ts'
import { addressOf, upperHalf } from './memory.ts'
import type { ObjectRecord } from './objects.ts'

/** Pointers in memory that is in use. */
export interface MemoryScan {
  /**
   * Slab objects that no pointer reaches, in order of allocation. Omits objects that only other unreachable objects
   * point to. A cycle of objects is represented by one of them.
   */
  readonly unreachable: readonly ObjectRecord[]
  /**
   * For each object of the structure, the locations of the pointers to its start: the containing object, or null for a
   * variable.
   */
  readonly pointers: ReadonlyMap<ObjectRecord, readonly (ObjectRecord | null)[]>
}

/** Called with the object that a pointer points into, the address that it points to, and the address of the pointer. */
type See = (to: ObjectRecord, address: number, at: number) => void

/**
 * Searches like `kmemleak_scan` (mm/kmemleak.c) for memory in use that no pointer reaches. The scan starts from
 * variables, boot memory and the state of host functions. Any number that looks like a pointer counts as one, and a
 * pointer into the middle of an object reaches it. Stacks are not scanned, so call this only when no task is running.
 * Leaves no trace on the machine.
 *
 * @param struct - the structure of the objects for which to collect pointers
 */
export function scanMemory(machine: Machine, struct: string): MemoryScan {
  const { objects, image, allocator } = machine
  const pointers = new Map<ObjectRecord, (ObjectRecord | null)[]>()
  const reached = new Set<ObjectRecord>()
  const todo: ObjectRecord[] = []
  const enter = (object: ObjectRecord): void => {
    if (object.origin !== 'slab' || reached.has(object)) return
    reached.add(object)
    todo.push(object)
  }
  const owners = new Owners(machine)
  const see: See = (to, address, at) => {
    if (to.struct === struct && to.address === address) {
      const known = pointers.get(to)
      const from = owners.at(at)
      if (known === undefined) pointers.set(to, [from])
      else known.push(from)
    }
    enter(to)
  }
  const scan = scannerOf(machine, owners)
  const { data, heap } = image.memory
  scan(data.start, data.end, see)
  const slab = objects.placed.filter((object) => object.origin === 'slab')
  let from = heap.start
  for (const { address, capacity } of slab) {
    scan(from, address, see)
    from = address + capacity
  }
  scan(from, allocator.end, see)
  for (const pointer of pointersOfHosts(machine)) {
    const object = machine.memory.holds(pointer, 1) ? objects.at(addressOf(pointer)) : null
    if (object !== null && !objects.isFreed(object)) enter(object)
  }
  for (let object = todo.pop(); object !== undefined; object = todo.pop()) scanObject(scan, object, see)
  const lost = slab.filter((object) => !objects.isFreed(object) && !reached.has(object))
  return { unreachable: beginningsOf(inOrder(objects.all, lost), scan), pointers }
}

type Scan = (start: number, end: number, see: See) => void

function scanObject(scan: Scan, { address, size }: ObjectRecord, see: See): void {
  scan(address, address + size, see)
}

/** The objects by address. A scan looks up each pointer, so it needs a table instead of a search. */
class Owners {
  readonly #start: number
  /** For each 8 bytes of the heap, the index of their object plus 1. */
  readonly #indices: Uint32Array
  readonly #objects: readonly ObjectRecord[]

  constructor({ objects, image, allocator }: Machine) {
    this.#start = image.memory.heap.start
    this.#indices = new Uint32Array(Math.ceil((allocator.end - this.#start) / 8))
    // A part comes after the boot memory that contains it.
    this.#objects = [...objects.placed, ...objects.parts]
    for (const [index, { address, size }] of this.#objects.entries())
      this.#indices.fill(index + 1, this.#unit(address), this.#unit(address + size + 7))
  }

  /** The object that contains an address; null if there is none. */
  at(address: number): ObjectRecord | null {
    const object = this.#objects[(this.#indices[this.#unit(address)] ?? 0) - 1]
    return object !== undefined && address < object.address + object.size ? object : null
  }

  #unit(address: number): number {
    return (address - this.#start) >> 3
  }
}

const inOrder = (all: readonly ObjectRecord[], some: readonly ObjectRecord[]): ObjectRecord[] => {
  const wanted = new Set(some)
  return all.filter((object) => wanted.has(object))
}

/** The smallest set of the given objects from which all of them can be reached; of a cycle, the first object. */
function beginningsOf(lost: readonly ObjectRecord[], scan: Scan): ObjectRecord[] {
  const apart = new Set(lost)
  const covered = new Map<ObjectRecord, ObjectRecord>()
  const beginnings = new Set<ObjectRecord>()
  for (const beginning of lost) {
    if (covered.has(beginning)) continue
    beginnings.add(beginning)
    const todo = [beginning]
    for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
      scanObject(scan, object, (to) => {
        if (!apart.has(to) || to === beginning || covered.get(to) === beginning) return
        // This object was taken as a start, but another object leads to it.
        beginnings.delete(to)
        covered.set(to, beginning)
        todo.push(to)
      })
    }
  }
  return [...beginnings]
}

/** Creates a function that finds pointers to objects in use in a piece of memory. Pointers are at multiples of 8. */
function scannerOf({ memory, objects, image, allocator }: Machine, owners: Owners): Scan {
  const words = new Uint32Array(memory.bytes.buffer)
  const isBig = memory.endian === 'big'
  const pattern = new Uint8Array(4)
  new DataView(pattern.buffer).setUint32(0, upperHalf, !isBig)
  const [wanted = 0] = new Uint32Array(pattern.buffer)
  const [upper, lower] = isBig ? [0, 4] : [1, 0]
  // All objects are in this range.
  const [first, last] = [image.memory.heap.start, allocator.end]
  return (start, end, see) => {
    const behind = Math.floor(end / 8) * 2
    for (let word = Math.ceil(start / 8) * 2; word < behind; word += 2) {
      if (words[word + upper] !== wanted) continue
      const address = memory.u32(word * 4 + lower)
      if (address < first || address >= last) continue
      const to = owners.at(address)
      if (to !== null && !objects.isFreed(to)) see(to, address, word * 4)
    }
  }
}

/** Pointers that host functions keep. */
function pointersOfHosts(machine: Machine): bigint[] {
  const found: bigint[] = [machine.currentPointer]
  const look = (value: unknown): void => {
    if (typeof value === 'bigint') found.push(value)
    else if (value instanceof Map) for (const pair of value as Map<unknown, unknown>) look(pair)
    else if (Array.isArray(value) || value instanceof Set)
      for (const one of value as Iterable<unknown>) look(one)
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) look(one)
  }
  for (const state of machine.hostStates.all()) look(state)
  look(machine.deferred.save())
  return found
}
