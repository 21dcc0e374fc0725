// SPDX-License-Identifier: GPL-2.0-only
import { kernfs_node } from '../fs/kernfs.ts'
import type { MachineState } from '../machine/machine.ts'
import { objectId } from './slab.ts'
import type { Allocated } from './slab-record.ts'

/** An allocated object that cannot be reached from any variable. */
export interface UnreachableObject {
  /** Stable name (`property#12`). */
  readonly object: string
  readonly struct: string
  /** Number of the step in which it was allocated. */
  readonly step: number
  /** Names of the kernel functions that allocated it, innermost first. */
  readonly allocatedBy: readonly string[]
}

/** Result of a scan of all memory. */
export interface MemoryScan {
  /** Objects to which no other unreachable object leads, in order of allocation. */
  readonly unreachable: readonly UnreachableObject[]
  /**
   * For each reachable object, the objects that point to it, once per pointer. Back pointers from its own embedded
   * structs do not count.
   */
  readonly pointers: ReadonlyMap<object, readonly object[]>
}

/**
 * Searches, as `kmemleak_scan` (mm/kmemleak.c, v4.18) does, for allocated memory that cannot be reached from static
 * variables. A pointer into the middle of an object also reaches the object. Stacks are not scanned, so no task may be
 * running. Leaves no trace on the machine.
 */
export function scanMemory(machine: MachineState): MemoryScan {
  return machine.inspect(() => {
    const pointers = new Map<object, object[]>()
    const reached = reach(machine.scopes, (from, to) => {
      const known = pointers.get(to)
      if (known === undefined) pointers.set(to, [from])
      else known.push(from)
    })
    const apart = machine.heap.filter((object) => !reached.has(object) && !isFreed(object)) as Allocated[]
    const led = new Set<object>()
    for (const object of apart) {
      for (const other of reach([object])) if (other !== object) led.add(other)
    }
    // Memory of the boot allocator is never freed, so it is not reported; neither are objects that can be reached from
    // it.
    const lost = apart.filter(({ slab }) => slab !== null && slab.size !== null)
    const roots = lost.filter((object) => !led.has(object))
    // If the objects only point to each other, only the first is reported.
    const isRing = roots.length === 0 && apart.length === lost.length
    const unreachable = isRing ? lost.slice(0, 1) : roots
    return { unreachable: unreachable.map(told), pointers }
  })
}

function told(object: Allocated): UnreachableObject {
  const { struct = '?', step = 0, allocated } = object.slab ?? {}
  return { object: objectId(object), struct, step, allocatedBy: allocated?.functions ?? [] }
}

/** Returns all objects that can be reached from the given values. */
function reach(from: readonly unknown[], seePointer?: (from: object, to: object) => void): Set<object> {
  const reached = new Set<object>()
  const todo: object[] = []
  const enter = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || reached.has(value)) return
    reached.add(value)
    todo.push(value)
  }
  for (const value of from) enter(value)
  for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
    const owner = object
    forEachPointer(owner, (key, value) => {
      if (seePointer !== undefined && key !== 'container') seePointer(owner, value)
      enter(value)
    })
  }
  return reached
}

/**
 * Calls `see` for each object to which the fields, elements and entries of an object point. Skips freed memory, and
 * sysfs nodes, which refer to kernel objects only through functions.
 */
function forEachPointer(object: object, see: (key: string, to: object) => void): void {
  if (ArrayBuffer.isView(object) || object instanceof kernfs_node || isFreed(object)) return
  const seeElement = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) see('', value)
  }
  if (Array.isArray(object) || object instanceof Set) {
    object.forEach(seeElement)
    return
  }
  if (object instanceof Map) {
    object.forEach((value: unknown, key: unknown) => {
      seeElement(key)
      seeElement(value)
    })
    return
  }
  for (const key of Object.keys(object)) {
    if (key === 'slab') continue
    // Read the descriptor, not the field: a field of unmapped memory is an accessor that raises an Oops.
    const value: unknown = Object.getOwnPropertyDescriptor(object, key)?.value
    if (typeof value === 'object' && value !== null) see(key, value)
  }
}

function isFreed(object: object): boolean {
  return 'slab' in object && (object as Allocated).slab?.freed === true
}
