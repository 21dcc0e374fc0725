// SPDX-License-Identifier: GPL-2.0-only
import { scanMemory, type Machine, type ObjectRecord } from '@pfo-workbench/machine'
import type { MemoryState } from '@pfo-workbench/run'
import { chainOf } from './run-events.ts'

/** Objects of any structure that no pointer reaches. No task may be running. */
export function unreachableObjects(machine: Machine): ReadonlySet<ObjectRecord> {
  return new Set(scanMemory(machine, 'device_node').unreachable)
}

/**
 * Scans the pointers in memory that is in use.
 *
 * @param before - objects that were unreachable after the boot. They are left out: assumed host functions do not store
 * pointers that the kernel's own functions would store
 * @param stepOf - the step in which an object was allocated
 */
export function memoryState(
  machine: Machine,
  before: ReadonlySet<ObjectRecord>,
  stepOf: (object: ObjectRecord) => number,
): MemoryState {
  const { unreachable, pointers } = scanMemory(machine, 'device_node')
  return {
    unreachable: unreachable
      .filter((object) => !before.has(object))
      .map((object) => ({
        object: object.id,
        struct: object.struct,
        step: stepOf(object),
        chain: chainOf(machine.image, object.allocated),
      })),
    pointers: Object.fromEntries(
      [...pointers].map(([to, from]) => [to.id, from.filter((one) => one?.struct !== 'device_node').length]),
    ),
  }
}
