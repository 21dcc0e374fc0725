// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  cstr,
  device_node,
  emitEvent,
  initialBootParams,
  literal,
  memblock_alloc,
  Memory,
  objectId,
  pr_err,
  property,
  text,
  toBytes,
} from '@pfo-workbench/kernel'
import { of_alias_scan } from './alias.ts'
import { NULL_NAME } from './dynamic.ts'
import { readStructure, type BlobNode, type BlobProperty } from './fdt-structure.ts'
import { of_node_init } from './node.ts'
import { nodePath } from './path.ts'
import { __of_get_property } from './property.ts'
import { ofState } from './state.ts'

const FDT_MAGIC = 0xd00dfeed

/**
 * Models `unflatten_device_tree` (drivers/of/fdt.c, v4.18): builds the live tree from the boot blob, then calls
 * `of_alias_scan`. There is no tree if the blob is malformed.
 */
export function unflatten_device_tree(): void {
  ofState().of_root = __unflatten_device_tree()
  of_alias_scan()
}

/**
 * Models `__unflatten_device_tree` (drivers/of/fdt.c, v4.18). Property names and values stay in the blob. Node names
 * and synthesised "name" properties have separate memory that is never freed.
 *
 * @returns the root; null, after an error message, if the blob is malformed. The message always has error -11; in C, it
 * has the error of libfdt
 */
function __unflatten_device_tree(): device_node | null {
  const memory = new Memory(initialBootParams().slice(), false)
  if (be32_to_cpup(new cstr(memory, 0)) !== FDT_MAGIC) {
    pr_err('OF: fdt: Invalid device tree blob header\n')
    return null
  }
  const root = readStructure(memory)
  if (root !== null) return unflatten_dt_nodes(root, null)
  pr_err('OF: fdt: Error -11 processing FDT\n')
  return null
}

/**
 * Models `unflatten_dt_nodes` (drivers/of/fdt.c, v4.18): creates a node and its subtree. The limit of 64 levels is not
 * modelled.
 */
function unflatten_dt_nodes(node: BlobNode, parent: device_node | null): device_node {
  const np = populate_node(node, parent)
  for (const child of node.children) unflatten_dt_nodes(child, np)
  reverse_nodes(np)
  return np
}

/**
 * Models `populate_node` (drivers/of/fdt.c, v4.18): count 1, no flags. The node is linked in front of its siblings;
 * `reverse_nodes` restores the order.
 */
function populate_node(node: BlobNode, parent: device_node | null): device_node {
  const np = memblock_alloc(device_node)
  of_node_init(np)
  np.full_name = new cstr(new Memory(toBytes(node.name), false), 0)
  if (parent !== null) {
    np.parent = parent
    np.sibling = parent.child
    parent.child = np
  }
  for (const blobProperty of node.properties) populate_property(np, blobProperty)
  if (__of_get_property(np, 'name') === null) synthesizeName(np, node.name)
  np.name = __of_get_property(np, 'name')
  np.type = __of_get_property(np, 'device_type') ?? NULL_NAME
  emitEvent('node.attach', {
    object: objectId(np),
    parent: parent === null ? null : objectId(parent),
    path: nodePath(np),
  })
  return np
}

/**
 * Models one iteration of `populate_properties`: name and value point into the blob. "phandle" and "linux,phandle" set
 * the node's phandle only while it is 0; "ibm,phandle" always sets it.
 */
function populate_property(np: device_node, { name, value, length }: BlobProperty): void {
  appendProperty(np, name, value, length)
  const handle = text(name)
  if (handle === 'ibm,phandle') np.phandle = be32_to_cpup(value)
  if ((handle === 'phandle' || handle === 'linux,phandle') && np.phandle === 0)
    np.phandle = be32_to_cpup(value)
}

function appendProperty(np: device_node, name: cstr, value: cstr, length: number): void {
  const pp = new property()
  pp.name = name
  pp.value = value
  pp.length = length
  if (np.properties === null) {
    np.properties = pp
    return
  }
  let last = np.properties
  while (last.next !== null) last = last.next
  last.next = pp
}

/**
 * Models the end of `populate_properties`, for a node without "name": appends this property. Its value is the unit name
 * up to the last `@`, or the whole unit name if there is no `@`.
 */
function synthesizeName(np: device_node, unitName: string): void {
  const at = unitName.lastIndexOf('@')
  const name = at < 0 ? unitName : unitName.slice(0, at)
  appendProperty(np, literal('name'), new cstr(new Memory(toBytes(name), false), 0), name.length + 1)
}

/** Models `reverse_nodes` (drivers/of/fdt.c, v4.18): puts the children into the order of the blob. */
function reverse_nodes(parent: device_node): void {
  let child = parent.child
  parent.child = null
  while (child !== null) {
    const next = child.sibling
    child.sibling = parent.child
    parent.child = child
    child = next
  }
}
