// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  cstr,
  device_node,
  emitEvent,
  initialBootParams,
  memblock_alloc,
  Memory,
  objectId,
  pr_err,
  property,
  text,
  toBytes,
} from '@pfo-workbench/kernel'
import { NULL_NAME } from './dynamic.ts'
import { of_node_init } from './node.ts'
import { of } from './state.ts'

const FDT_MAGIC = 0xd00dfeed
const FDT_BEGIN_NODE = 1
const FDT_END_NODE = 2
const FDT_PROP = 3
const FDT_NOP = 4

/** Offsets of the header's fields (scripts/dtc/libfdt/fdt.h). */
const HEADER = { magic: 0, totalsize: 1, off_dt_struct: 2, off_dt_strings: 3 }

/** A blob in memory, and where its two blocks begin. */
interface Blob {
  readonly memory: Memory
  readonly structs: number
  readonly strings: number
}

/**
 * Models `unflatten_device_tree` (drivers/of/fdt.c, v4.18): makes the live tree from the blob. Property names and values
 * stay in the blob; names of nodes and synthesised "name" properties are in memory of their own that is never freed.
 * A blob that ends in the middle gives the tree up to there and an error line.
 */
export function unflatten_device_tree(): void {
  const memory = new Memory(initialBootParams().slice(), false)
  const header = new cstr(memory, 0)
  if (be32_to_cpup(header, HEADER.magic) !== FDT_MAGIC) {
    pr_err('OF: fdt: Invalid device tree blob header\n')
    return
  }
  const blob: Blob = {
    memory,
    structs: be32_to_cpup(header, HEADER.off_dt_struct),
    strings: be32_to_cpup(header, HEADER.off_dt_strings),
  }
  if (!unflatten_dt_nodes(blob)) pr_err('OF: fdt: Error -11 processing FDT\n')
}

/** Walks the structure block; false if it is not well formed. */
function unflatten_dt_nodes(blob: Blob): boolean {
  const { bytes } = blob.memory
  const open: device_node[] = []
  let at = blob.structs
  while (at + 4 <= bytes.length) {
    const tag = be32_to_cpup(new cstr(blob.memory, at))
    at += 4
    switch (tag) {
      case FDT_BEGIN_NODE: {
        const name = text(new cstr(blob.memory, at))
        at = align(at + name.length + 1)
        const np = populate_node(name, open.at(-1) ?? null)
        open.push(np)
        break
      }
      case FDT_PROP: {
        const length = be32_to_cpup(new cstr(blob.memory, at))
        const nameOffset = be32_to_cpup(new cstr(blob.memory, at + 4))
        const np = open.at(-1)
        if (np === undefined || at + 8 + length > bytes.length) return false
        populate_property(blob, np, nameOffset, at + 8, length)
        at = align(at + 8 + length)
        break
      }
      case FDT_END_NODE: {
        const np = open.pop()
        if (np === undefined) return false
        finishNode(np)
        if (open.length === 0) return true
        break
      }
      case FDT_NOP:
        break
      default:
        return false
    }
  }
  return false
}

function align(offset: number): number {
  return (offset + 3) & ~3
}

/** Models `populate_node`: count 1, no flags; put in front of its brothers until `reverse_nodes` restores the order. */
function populate_node(unitName: string, parent: device_node | null): device_node {
  const np = memblock_alloc(device_node)
  of_node_init(np)
  np.full_name = new cstr(new Memory(toBytes(unitName), false), 0)
  np.parent = parent
  if (parent === null) {
    of().of_root = np
  } else {
    np.sibling = parent.child
    parent.child = np
  }
  return np
}

/** Models one round of `populate_properties`: name and value point into the blob. */
function populate_property(
  blob: Blob,
  np: device_node,
  nameOffset: number,
  valueOffset: number,
  length: number,
): void {
  const pp = new property()
  pp.name = new cstr(blob.memory, blob.strings + nameOffset)
  pp.length = length
  pp.value = new cstr(blob.memory, valueOffset)
  appendProperty(np, pp)
  const name = text(pp.name)
  if (length < 4) return
  if ((name === 'phandle' || name === 'linux,phandle') && np.phandle === 0)
    np.phandle = be32_to_cpup(pp.value)
  if (name === 'ibm,phandle') np.phandle = be32_to_cpup(pp.value)
}

function appendProperty(np: device_node, pp: property): void {
  let last = np.properties
  if (last === null) {
    np.properties = pp
    return
  }
  while (last.next !== null) last = last.next
  last.next = pp
}

/** The rest of `populate_node` and `reverse_nodes`, once all properties and children are there. */
function finishNode(np: device_node): void {
  if (valueOf(np, 'name') === null) synthesizeName(np)
  np.name = valueOf(np, 'name') ?? NULL_NAME
  np.type = valueOf(np, 'device_type') ?? NULL_NAME
  let child = np.child
  np.child = null
  while (child !== null) {
    const next = child.sibling
    child.sibling = np.child
    np.child = child
    child = next
  }
  emitEvent('node.attach', {
    object: objectId(np),
    parent: np.parent === null ? null : objectId(np.parent),
    path: pathOf(np),
  })
}

function pathOf(np: device_node): string {
  if (np.parent === null) return '/'
  const above = pathOf(np.parent)
  return `${above === '/' ? '' : above}/${np.full_name === null ? '' : text(np.full_name)}`
}

function valueOf(np: device_node, name: string): cstr | null {
  for (let pp = np.properties; pp !== null; pp = pp.next) {
    if (pp.name !== null && text(pp.name) === name) return pp.value
  }
  return null
}

/** The unit name up to `@`, as a last property. */
function synthesizeName(np: device_node): void {
  const unitName = np.full_name === null ? '' : text(np.full_name)
  const at = unitName.indexOf('@')
  const name = at < 0 ? unitName : unitName.slice(0, at)
  const pp = new property()
  pp.name = new cstr(new Memory(toBytes('name'), false), 0)
  pp.length = name.length + 1
  pp.value = new cstr(new Memory(toBytes(name), false), 0)
  appendProperty(np, pp)
}
