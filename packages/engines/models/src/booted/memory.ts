// SPDX-License-Identifier: GPL-2.0-only
import { device_node, type MachineState, objectId, scanMemory } from '@pfo-workbench/kernel'
import type { MemoryState } from '@pfo-workbench/run'
import { chainOf } from './events.ts'

/** Pointers in allocated memory. Reading them has no side effects on the machine. */
export function memoryState(machine: MachineState): MemoryState {
  const { unreachable, pointers } = scanMemory(machine, (object) => object instanceof device_node)
  const nodes = [...pointers].map(([node, from]): [string, number] => [
    objectId(node as device_node),
    from.filter((one) => !(one instanceof device_node)).length,
  ])
  return {
    unreachable: unreachable.map(({ object, struct, step, allocatedBy }) => ({
      object,
      struct,
      step,
      chain: chainOf(allocatedBy),
    })),
    pointers: Object.fromEntries(nodes),
  }
}
