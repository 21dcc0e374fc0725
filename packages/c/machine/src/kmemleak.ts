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

/** Called for a pointer: the index of the object that it points into, the address that it holds, its own address. */
type See = (to: number, address: number, at: number) => void

/** States of an object in a scan. Objects that were freed and objects outside of the slab are ignored. */
const unreached = 0
const reached = 1
const ignored = 2

/**
 * Searches like `kmemleak_scan` (mm/kmemleak.c) for memory in use that no pointer reaches. The scan starts from
 * variables, boot memory and the state of host functions. Any number that looks like a pointer counts as one, and a
 * pointer into the middle of an object reaches it. Stacks are not scanned, so call this only when no task is running.
 * Does not change the machine.
 *
 * @param struct - the structure of the objects for which to collect pointers
 */
export function scanMemory(machine: Machine, struct: string): MemoryScan {
  const { objects, image, allocator } = machine
  const owners = new Owners(machine, struct)
  const { states } = owners
  const pointers = new Map<ObjectRecord, (ObjectRecord | null)[]>()
  const todo: number[] = []
  const enter = (index: number): void => {
    if (states[index] !== unreached) return
    states[index] = reached
    todo.push(index)
  }
  const see: See = (index, address, at) => {
    const to = owners.all[index]
    if (to?.struct === struct && to.address === address) {
      const known = pointers.get(to)
      const from = owners.at(at)
      if (known === undefined) pointers.set(to, [from])
      else known.push(from)
    }
    enter(index)
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
    if (machine.memory.holds(pointer, 1)) enter(owners.indexAt(addressOf(pointer)))
  }
  for (let index = todo.pop(); index !== undefined; index = todo.pop()) scanObject(scan, owners, index, see)
  const lost = new Set(owners.all.filter((_, index) => states[index] === unreached))
  const inOrder = lost.size === 0 ? [] : objects.all.filter((object) => lost.has(object))
  return { unreachable: beginningsOf(inOrder, owners, scan), pointers }
}

type Scan = (start: number, end: number, see: See) => void

function scanObject(scan: Scan, { all }: Owners, index: number, see: See): void {
  const object = all[index]
  if (object !== undefined) scan(object.address, object.address + object.size, see)
}

/**
 * The objects by address, and the progress of a scan for each. A scan looks up every pointer, and most pointers lead to
 * objects that are already done, so tables of numbers replace searches.
 */
class Owners {
  readonly #start: number
  /** For each 8 bytes of the heap, the index of their object plus 1. */
  readonly #indices: Uint32Array
  /** A part comes after the boot memory that contains it, so that its addresses belong to the part. */
  readonly all: readonly ObjectRecord[]
  readonly states: Uint8Array
  /** For each object, 1 if all pointers to it are wanted. */
  readonly #wanted: Uint8Array

  constructor({ objects, image, allocator }: Machine, struct: string) {
    this.#start = image.memory.heap.start
    this.#indices = new Uint32Array(Math.ceil((allocator.end - this.#start) / 8))
    this.all = [...objects.placed, ...objects.parts]
    this.states = new Uint8Array(this.all.length)
    this.#wanted = new Uint8Array(this.all.length)
    for (let index = 0; index < this.all.length; index++) {
      const object = this.all[index]
      if (object === undefined) break
      const first = this.#unit(object.address)
      this.#indices.fill(index + 1, first, this.#unit(object.address + object.size + 7))
      const isFreed = objects.isFreed(object)
      if (isFreed || object.origin !== 'slab') this.states[index] = ignored
      if (!isFreed && object.struct === struct) this.#wanted[index] = 1
    }
  }

  /** Index of the object that contains an address; -1 if there is none. */
  indexAt(address: number): number {
    const index = (this.#indices[this.#unit(address)] ?? 0) - 1
    return this.#isIn(index, address) ? index : -1
  }

  /** Like `indexAt`, but also -1 for an object that needs no more pointers. */
  openIndexAt(address: number): number {
    const index = (this.#indices[this.#unit(address)] ?? 0) - 1
    if (index < 0 || (this.states[index] !== unreached && this.#wanted[index] === 0)) return -1
    return this.#isIn(index, address) ? index : -1
  }

  /** The object that contains an address; null if there is none. */
  at(address: number): ObjectRecord | null {
    return this.all[this.indexAt(address)] ?? null
  }

  #isIn(index: number, address: number): boolean {
    const object = this.all[index]
    return object !== undefined && address < object.address + object.size
  }

  #unit(address: number): number {
    return (address - this.#start) >> 3
  }
}

/** The smallest set of the given objects from which all of them can be reached; of a cycle, the first object. */
function beginningsOf(lost: readonly ObjectRecord[], owners: Owners, scan: Scan): ObjectRecord[] {
  const apart = new Set(lost.map(({ address }) => owners.indexAt(address)))
  const covered = new Map<number, number>()
  const beginnings = new Set<number>()
  for (const beginning of apart) {
    if (covered.has(beginning)) continue
    beginnings.add(beginning)
    const todo = [beginning]
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      scanObject(scan, owners, index, (to) => {
        if (!apart.has(to) || to === beginning || covered.get(to) === beginning) return
        // This object was taken as a start, but another object leads to it.
        beginnings.delete(to)
        covered.set(to, beginning)
        todo.push(to)
      })
    }
  }
  return [...beginnings].flatMap((index) => owners.all[index] ?? [])
}

/**
 * Creates a function that scans a piece of memory for pointers to objects whose pointers are still wanted. Pointers are
 * at multiples of 8.
 */
function scannerOf({ memory, image, allocator }: Machine, owners: Owners): Scan {
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
      const to = owners.openIndexAt(address)
      if (to >= 0) see(to, address, word * 4)
    }
  }
}

/** All numbers in the state of host functions and in deferred items that may be pointers, and the current task. */
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
