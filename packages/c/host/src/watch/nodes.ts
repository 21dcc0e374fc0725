// SPDX-License-Identifier: GPL-2.0-only
// Nodes of the device tree: include/linux/of.h, drivers/of/dynamic.c.
import { addressOf, watch, type Machine, type MachineEvents, type Watch } from '@pfo-workbench/machine'
import { constantOf } from '../constants.ts'
import { nodePath } from './paths.ts'

/**
 * The nodes of the boot tree share one piece of memory with their properties and names. Each becomes a separate object
 * when the kernel initializes it.
 */
function adopt(machine: Machine, pointer: bigint): void {
  if (!machine.memory.holds(pointer, 1)) return
  const address = addressOf(pointer)
  const around = machine.objects.at(address)
  if (around?.origin !== 'memblock') return
  const size = machine.layouts.sizeOf('device_node')
  const allocated = machine.callSitesHere()
  const { id } = machine.objects.add({
    struct: 'device_node',
    address,
    size,
    capacity: size,
    origin: 'part',
    allocated,
  })
  machine.journal.emit('alloc', { object: id, struct: 'device_node', size: 0 }, allocated)
}

/** The fields of an event that describe a node's place in the tree. */
function placeOf(machine: Machine, pointer: bigint): MachineEvents['node.attach'] {
  const node = machine.view('device_node', pointer)
  const parent = node.pointerIn('parent')
  return {
    object: machine.idOf(pointer),
    parent: parent === 0n ? null : machine.idOf(parent),
    path: nodePath(node),
  }
}

/** Records that a node was linked into the tree. */
export function recordAttach(machine: Machine, pointer: bigint): void {
  machine.journal.emit('node.attach', placeOf(machine, pointer))
}

/** True if a flag, given as a bit number, is set in a node's `_flags`. */
export function hasFlag(machine: Machine, node: bigint, flag: 'OF_DYNAMIC' | 'OF_DETACHED'): boolean {
  const flags = machine.view('device_node', node).unsigned('_flags')
  return ((flags >> constantOf(machine, flag)) & 1n) !== 0n
}

export const nodes: readonly Watch[] = [
  watch({ kind: 'function', name: 'of_node_init', enter: (machine, [node]) => adopt(machine, node) }),
  watch({
    kind: 'function',
    name: '__of_attach_node',
    file: 'drivers/of/',
    leave: (machine, [node]) => recordAttach(machine, node),
  }),
  watch({
    kind: 'function',
    name: '__of_detach_node',
    enter: (machine, [pointer]) => {
      const again = hasFlag(machine, pointer, 'OF_DETACHED')
      machine.journal.emit('node.detach', { ...placeOf(machine, pointer), again })
    },
  }),
]
