// SPDX-License-Identifier: GPL-2.0-only
import { Memory } from '../c/bytes.ts'
import { embedded } from '../c/struct.ts'
import { kernfs_node } from '../fs/kernfs.ts'
import type { MachineState } from '../machine/machine.ts'
import { objectId } from './slab.ts'
import type { Allocated } from './slab-record.ts'

/** An allocated object that cannot be reached from any variable. */
export interface UnreachableObject {
  /** Stable name (`property#12`). */
  readonly object: string
  readonly struct: string
  /** Number of the step in which the object was allocated. */
  readonly step: number
  /** Names of the kernel functions that allocated the object, innermost first. */
  readonly allocatedBy: readonly string[]
}

/** Result of a scan of all memory. */
export interface MemoryScan {
  /**
   * Unreachable objects to which no other unreachable object leads, in order of allocation, and the first object of
   * each ring to which none leads. Memory of the boot allocator is left out, because it is never freed, and so is
   * what it leads to.
   */
  readonly unreachable: readonly UnreachableObject[]
  /**
   * For each wanted object that is reachable, the reachable objects that point to it, once per pointer. The `container`
   * pointers of embedded structs do not count.
   */
  readonly pointers: ReadonlyMap<object, readonly object[]>
}

/**
 * Searches, as `kmemleak_scan` (mm/kmemleak.c, v4.18) does, for allocated memory that cannot be reached from static
 * variables. A pointer into the middle of an object also reaches the object. Stacks are not scanned, so no task may be
 * running. Leaves no trace on the machine.
 *
 * @param isWanted - selects the objects for which to collect pointers
 */
export function scanMemory(machine: MachineState, isWanted: (object: object) => boolean): MemoryScan {
  return machine.inspect(() => {
    const pointers = new Map<object, object[]>()
    const reached = reachableFrom(machine.scopes, (from, to) => {
      if (!isWanted(to)) return
      const known = pointers.get(to)
      if (known === undefined) pointers.set(to, [from])
      else known.push(from)
    })
    const apart = machine.heap.filter((object) => !reached.has(object) && !isFreed(object)) as Allocated[]
    // Memory of the boot allocator is never freed, so the scan reports neither this memory nor what it leads to.
    const keptByBoot = reachableFrom(apart.filter(({ slab }) => slab === null || slab.size === null))
    const unreachable = firstsOf(apart.filter((object) => !keptByBoot.has(object)))
    return { unreachable: unreachable.map(describeObject), pointers }
  })
}

/** Returns the objects to which no other object of the list leads, and the first object of each such ring. */
function firstsOf(objects: readonly Allocated[]): Allocated[] {
  // No object before a start leads to it. An object after it may: then this object, or one that leads to it, is a later
  // start.
  const starts = startsOf(objects)
  return startsOf(starts.toReversed()).toReversed()
}

/** Returns, in order, the objects to which no object before them leads. */
function startsOf(objects: readonly Allocated[]): Allocated[] {
  const reached = new Set<object>()
  return objects.filter((object) => {
    if (reached.has(object)) return false
    reachableFrom([object], undefined, reached)
    return true
  })
}

function describeObject(object: Allocated): UnreachableObject {
  const { struct = '?', step = 0, allocated } = object.slab ?? {}
  return { object: objectId(object), struct, step, allocatedBy: allocated?.functions ?? [] }
}

const { getOwnPropertyDescriptor } = Object

/**
 * Returns all objects that can be reached from the given values.
 *
 * @param reached - objects that were reached before: they are not followed again. The result is added
 */
function reachableFrom(
  from: readonly unknown[],
  onPointer?: OnPointer,
  reached = new Set<object>(),
): Set<object> {
  const todo: object[] = []
  const followPointerTo = (owner: object, value: unknown, isContainer: boolean): void => {
    if (typeof value !== 'object' || value === null) return
    if (!isContainer) onPointer?.(owner, value)
    if (reached.has(value)) return
    reached.add(value)
    if (hasPointers(value)) todo.push(value)
  }
  for (const value of from) followPointerTo(machineItself, value, true)
  for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
    if (Array.isArray(object) || object instanceof Set) {
      for (const value of object as Iterable<unknown>) followPointerTo(object, value, false)
    } else if (object instanceof Map) {
      for (const [key, value] of object as Map<unknown, unknown>) {
        followPointerTo(object, key, false)
        followPointerTo(object, value, false)
      }
    } else if (object instanceof kernfs_node) {
      // `read` and `write` are functions, whose variables cannot be scanned. `active` does not count as pointers: where
      // the model lists tasks, the kernel only has a counter.
      for (const value of [object.parent, object.target, object.children])
        followPointerTo(object, value, false)
    } else {
      for (const key in object) {
        // Read the descriptor, not the field: a field of unmapped memory is an accessor that raises an Oops.
        if (key !== 'slab')
          followPointerTo(object, getOwnPropertyDescriptor(object, key)?.value, key === 'container')
      }
    }
  }
  return reached
}

/** Called for each pointer with the object that holds it and the object that it points to. */
type OnPointer = (from: object, to: object) => void

/** Stands for the owner of the file-scope variables. Pointers from the machine itself are not reported. */
const machineItself: object = {}

/**
 * Returns false for objects whose fields are not followed: bytes, and freed memory, whose fields are traps.
 */
function hasPointers(object: object): boolean {
  return !(object instanceof Memory || isInFreedMemory(object))
}

/** Returns whether the object, or the struct that embeds it, was freed. */
function isInFreedMemory(object: object): boolean {
  const container = object instanceof embedded ? object.container : null
  return container === null ? isFreed(object) : isInFreedMemory(container)
}

function isFreed(object: object): boolean {
  return (object as Partial<Allocated>).slab?.freed === true
}
