// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedPartition } from '@pfo-workbench/conformance/replay'
import { addressOf, type Machine, type View } from '@pfo-workbench/machine'
import { type FirmwareNode, handleOf, stringValue } from '@pfo-workbench/powervm'

/**
 * Links allocated nodes with `OF_DYNAMIC` into the tree, as the observer's firmware did before `of_core_init`. Takes no
 * references, because the recordings have none.
 *
 * @param nodes - nodes in order, with the path of their parent. Each becomes the last child of its parent.
 */
export function addDynamicNodes(machine: Machine, nodes: RecordedPartition['dynamic']): void {
  for (const { parent, node } of nodes) append(machine, nodeAt(machine, parent), node)
}

function nodeAt(machine: Machine, path: string): View {
  let at: View | null = machine.view(
    'device_node',
    machine.memory.u64(addressOf(machine.pointerTo('of_root'))),
  )
  for (const name of path.split('/').filter((one) => one !== '')) {
    at = at?.follow('child', 'device_node') ?? null
    while (at !== null && at.string('full_name') !== name) at = at.follow('sibling', 'device_node')
  }
  if (at === null) throw new Error(`the device tree has no ${path}`)
  return at
}

function append(machine: Machine, parent: View, { name, ...node }: FirmwareNode): void {
  const properties = [{ name: 'name', value: stringValue(name) }, ...node.properties]
  const pointer = machine.call('pfo_new_node', propertiesFor(machine, properties), properties.length)
  const view = machine.view('device_node', pointer)
  view.set('full_name', machine.call('pfo_strdup', textFor(machine, name)))
  view.set('name', view.follow('properties', 'property')?.pointerIn('value') ?? 0n)
  // Before v5.0, nodes have a `type` field. "<NULL>" is correct for nodes without a device_type property, such as all
  // nodes that the recordings of v4.18 add.
  if (view.has('type')) view.set('type', machine.call('pfo_strdup', textFor(machine, '<NULL>')))
  view.set('phandle', handleOf({ name, ...node }))
  view.set('parent', parent.pointer)
  let last = parent.follow('child', 'device_node')
  if (last === null) parent.set('child', pointer)
  for (let next = last; next !== null; next = next.follow('sibling', 'device_node')) last = next
  last?.set('sibling', pointer)
}

function textFor(machine: Machine, text: string): bigint {
  const pointer = machine.allocator.reserve(text.length + 1)
  machine.memory.setString(addressOf(pointer), text)
  return pointer
}

/** Builds an array of `struct property` for the C code to copy. */
function propertiesFor(machine: Machine, properties: FirmwareNode['properties']): bigint {
  const size = machine.layouts.sizeOf('property')
  const array = machine.allocator.reserve(size * properties.length)
  for (const [index, { name, value }] of properties.entries()) {
    const view = machine.view('property', array + BigInt(index * size))
    const bytes = machine.allocator.reserve(Math.max(1, value.length))
    machine.memory.bytes.set(value, addressOf(bytes))
    view.set('name', textFor(machine, name))
    view.set('value', bytes)
    view.set('length', value.length)
  }
  return array
}
