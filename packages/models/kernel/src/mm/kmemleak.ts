// SPDX-License-Identifier: GPL-2.0-only
import { kernfs_node } from '../fs/kernfs.ts'
import type { MachineState } from '../machine/machine.ts'
import { objectId } from './slab.ts'
import type { Allocated } from './slab-record.ts'

/** An allocated object that no variable leads to. */
export interface UnreachableObject {
  /** Stable name (`property#12`). */
  readonly object: string
  readonly struct: string
  /** Number of the step in which it was allocated. */
  readonly step: number
  /** Names of the kernel functions that allocated it, innermost first. */
  readonly allocatedBy: readonly string[]
}

/** What a scan of all memory found. */
export interface MemoryScan {
  /** Those that no other unreachable object leads to, in order of their allocation. */
  readonly unreachable: readonly UnreachableObject[]
  /** What points to an object, once for each pointer, in memory that can be reached; without the object's own parts. */
  readonly pointers: ReadonlyMap<object, readonly object[]>
}

/**
 * What `kmemleak_scan` (mm/kmemleak.c, v4.18) looks for: allocated memory to which nothing points any more, beginning at the
 * static variables. A pointer into the middle of an object leads to it too. Stacks are not looked at: to be called when no task
 * is on its way. Leaves no trace on the machine.
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
    // Memory of the boot allocator is never given back. What only it leads to is lost with it.
    const lost = apart.filter(({ slab }) => slab !== null && slab.size !== null)
    const roots = lost.filter((object) => !led.has(object))
    // Objects that only lead to each other: any of them stands for all.
    const isRing = roots.length === 0 && apart.length === lost.length
    const unreachable = isRing ? lost.slice(0, 1) : roots
    return { unreachable: unreachable.map(told), pointers }
  })
}

function told(object: Allocated): UnreachableObject {
  const { struct = '?', step = 0, allocated } = object.slab ?? {}
  return { object: objectId(object), struct, step, allocatedBy: allocated?.functions ?? [] }
}

/** Everything that values lead to. */
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
 * Calls `see` for everything that the fields, elements and entries of an object point to. Nothing leads on from freed memory, and
 * nothing but functions from what sysfs has.
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
    // Memory that is not mapped any more has accessors: whoever reads it takes an Oops.
    const value: unknown = Object.getOwnPropertyDescriptor(object, key)?.value
    if (typeof value === 'object' && value !== null) see(key, value)
  }
}

function isFreed(object: object): boolean {
  return 'slab' in object && (object as Allocated).slab?.freed === true
}
