// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  followPointer,
  kmemdup,
  kstrdup,
  kzalloc,
  OF_DYNAMIC,
  property,
  text,
  type Subsystem,
} from '@pfo-workbench/kernel'
import {
  __of_add_property,
  __of_find_all_nodes,
  NULL_NAME,
  of_node_init,
  of_node_set_flag,
} from '@pfo-workbench/of'
import { type FirmwareNode, handleOf, stringValue } from '@pfo-workbench/powervm'
import type { RecordedPartition } from './partition.ts'

/**
 * Allocates nodes and flags them dynamic before `of_core_init`, as the observer's firmware did in the recordings with
 * dynamic children. Takes no reference, as none was recorded.
 *
 * @param nodes - in order, with the path of their parent; each becomes its parent's last child
 */
export function dynamicNodes(nodes: RecordedPartition['dynamic']): Subsystem {
  const addDynamicNodes = (): void => {
    for (const { parent, node } of nodes) appendNode(followPointer(nodeAt(parent)), node)
  }
  return { name: 'dynamic-nodes', initcalls: [{ level: 'setup_arch', fn: addDynamicNodes }] }
}

function nodeAt(path: string): device_node | null {
  const name = path.slice(path.lastIndexOf('/') + 1)
  let np = __of_find_all_nodes(null)
  while (np !== null && name !== '' && (np.full_name === null || text(np.full_name) !== name))
    np = __of_find_all_nodes(np)
  return np
}

function appendNode(parent: device_node, node: FirmwareNode): void {
  const np = followPointer(kzalloc(device_node))
  np.full_name = kstrdup(node.name)
  of_node_set_flag(np, OF_DYNAMIC)
  of_node_init(np)
  const properties = [{ name: 'name', value: stringValue(node.name) }, ...node.properties]
  for (const { name, value } of properties) {
    const pp = followPointer(kzalloc(property))
    pp.name = kstrdup(name)
    pp.value = kmemdup(value)
    pp.length = value.length
    __of_add_property(np, pp)
  }
  np.name = followPointer(np.properties).value
  np.type = NULL_NAME
  np.phandle = handleOf(node)
  np.parent = parent
  linkLast(parent, np)
}

function linkLast(parent: device_node, np: device_node): void {
  let last = parent.child
  if (last === null) {
    parent.child = np
    return
  }
  while (last.sibling !== null) last = last.sibling
  last.sibling = np
}
