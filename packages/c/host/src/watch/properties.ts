// SPDX-License-Identifier: GPL-2.0-only
// drivers/of/base.c: the functions that change a node's list of properties.
import type { PropertyEvent } from '@pfo-workbench/kernel'
import { watch, type Watch } from '@pfo-workbench/machine'
import { nodePath, viewAt } from './paths.ts'

/** Watches a kernel function that takes a node and a property, and returns 0 if it changed the node. */
function changesProperty(name: string, change: PropertyEvent): Watch {
  return watch({
    kind: 'function',
    name,
    leave: (machine, [pointer, property], _note, result) => {
      if (BigInt.asIntN(32, result) !== 0n) return
      const node = machine.view('device_node', pointer)
      machine.journal.emit('node.property', {
        object: machine.idOf(pointer),
        path: nodePath(node),
        property: viewAt(machine, 'property', property)?.string('name') ?? '',
        change,
        // The condition of `of_node_is_attached`. If it is false, `of_property_notify` calls no notifier.
        attached: node.bit('kobj.state_in_sysfs'),
      })
    },
  })
}

export const properties: readonly Watch[] = [
  changesProperty('__of_add_property', 'add'),
  changesProperty('__of_remove_property', 'remove'),
  changesProperty('__of_update_property', 'update'),
]
