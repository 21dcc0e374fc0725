// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  be32_to_cpup,
  cstr,
  device_node,
  followPointer,
  kfree,
  kmalloc,
  KMALLOC_MAX_SIZE,
  kmemdup,
  kstrdup,
  kzalloc,
  OF_DYNAMIC,
  pr_err,
  property,
  readBytes,
} from '@pfo-workbench/kernel'
import {
  for_each_child_of_node,
  of_attach_node,
  of_detach_node,
  of_node_init,
  of_node_set_flag,
} from '@pfo-workbench/of'
import { spinWhile } from './firmware-loop.ts'
import { freeProperty } from './property-memory.ts'
import { callWithDataBuf, RTAS_DATA_BUF_SIZE, rtas_token, RTAS_UNKNOWN_SERVICE } from './rtas.ts'
import { putWord } from './work-area.ts'

/** Statuses of `ibm,configure-connector` (arch/powerpc/platforms/pseries/dlpar.c, v4.18). */
const COMPLETE = 0
const NEXT_SIBLING = 1
const NEXT_CHILD = 2
const NEXT_PROPERTY = 3
const PREV_PARENT = 4
const CALL_AGAIN = -2

/**
 * Positions of words in `struct cc_workarea`. All words are big-endian. Offsets stored in them are in bytes from the
 * start of the area.
 */
const CC = { drc_index: 0, zero: 1, name_offset: 2, prop_length: 3, prop_offset: 4 }

/**
 * Copies `length` bytes of the work area. Null if memory is short. A negative length is too large for any allocation.
 */
function copyOfValue(value: cstr, length: number): cstr | null {
  return length < 0 || length > KMALLOC_MAX_SIZE ? kmalloc(length) : kmemdup(readBytes(value, length))
}

/** Models `dlpar_free_cc_property` (arch/powerpc/platforms/pseries/dlpar.c, v4.18). */
function dlpar_free_cc_property(prop: property): void {
  freeProperty(prop)
}

/**
 * Models `dlpar_parse_cc_property` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): a new property from the work area;
 * null if memory is short for the property or its value. The allocation of the name is not checked: the name can be
 * null.
 */
function dlpar_parse_cc_property(ccwa: cstr): property | null {
  const prop = kzalloc(property)
  if (prop === null) return null
  prop.name = kstrdup(advance(ccwa, be32_to_cpup(ccwa, CC.name_offset)))
  prop.length = be32_to_cpup(ccwa, CC.prop_length) | 0
  const value = advance(ccwa, be32_to_cpup(ccwa, CC.prop_offset))
  prop.value = copyOfValue(value, prop.length)
  if (prop.value === null) {
    dlpar_free_cc_property(prop)
    return null
  }
  return prop
}

/**
 * Models `dlpar_parse_cc_node` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): a new dynamic node with its init
 * reference, or null if memory is short.
 */
function dlpar_parse_cc_node(ccwa: cstr): device_node | null {
  const dn = kzalloc(device_node)
  if (dn === null) return null
  dn.full_name = kstrdup(advance(ccwa, be32_to_cpup(ccwa, CC.name_offset)))
  if (dn.full_name === null) {
    kfree(dn)
    return null
  }
  of_node_set_flag(dn, OF_DYNAMIC)
  of_node_init(dn)
  return dn
}

/**
 * Models `dlpar_free_one_cc_node` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): frees a node and its properties,
 * ignoring the reference count.
 */
function dlpar_free_one_cc_node(dn: device_node): void {
  for (let prop = dn.properties; prop !== null; prop = dn.properties) {
    dn.properties = prop.next
    dlpar_free_cc_property(prop)
  }
  kfree(dn.full_name)
  kfree(dn)
}

/**
 * Models `dlpar_free_cc_nodes` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): frees a tree that was never attached,
 * ignoring all reference counts.
 */
export function dlpar_free_cc_nodes(dn: device_node): void {
  if (dn.child !== null) dlpar_free_cc_nodes(dn.child)
  if (dn.sibling !== null) dlpar_free_cc_nodes(dn.sibling)
  dlpar_free_one_cc_node(dn)
}

/**
 * Offsets of the first accessed fields in `struct device_node` and `struct property`. An access through a NULL pointer
 * to such a struct faults at the offset of the field.
 */
const PROPERTIES_OFFSET = 0x30
const PARENT_OFFSET = 0x40
const NEXT_OFFSET = 0x18

/**
 * The tree that firmware describes, piece by piece. Firmware is trusted: the code dereferences pointers without checks,
 * as in C. A piece out of order is an Oops or corrupts the tree.
 */
class ToldTree {
  /** The first node; null before firmware describes one. */
  top: device_node | null = null
  /** The node described last, or its ancestor after a step up. */
  private place: device_node | null = null
  /** The property described last, of any node. */
  private newest: property | null = null
  private readonly parent: device_node

  constructor(parent: device_node) {
    this.parent = parent
  }

  /**
   * Adds a child of the current node. An earlier child is replaced and lost. The first node gets the given parent.
   */
  addChild(dn: device_node): void {
    if (this.top === null) {
      dn.parent = this.parent
      this.top = dn
    } else {
      dn.parent = this.place
      if (this.place !== null) this.place.child = dn
    }
    this.place = dn
  }

  addBrother(dn: device_node): void {
    const brother = followPointer(this.place, PARENT_OFFSET)
    dn.parent = brother.parent
    brother.sibling = dn
    this.place = dn
  }

  /** Adds the node's first property, or appends to the newest property. */
  addProperty(prop: property): void {
    const dn = followPointer(this.place, PROPERTIES_OFFSET)
    if (dn.properties === null) dn.properties = prop
    else followPointer(this.newest, NEXT_OFFSET).next = prop
    this.newest = prop
  }

  goUp(): void {
    this.place = followPointer(this.place, PARENT_OFFSET).parent
  }
}

/**
 * Adds a piece from the work area to the tree.
 *
 * @returns true to call firmware again; false at the end, on an error and if memory is short
 */
function takePiece(tree: ToldTree, status: number, ccwa: cstr): boolean {
  switch (status) {
    case NEXT_SIBLING:
    case NEXT_CHILD: {
      const dn = dlpar_parse_cc_node(ccwa)
      if (dn === null) return false
      if (status === NEXT_CHILD) tree.addChild(dn)
      else tree.addBrother(dn)
      return true
    }
    case NEXT_PROPERTY: {
      const prop = dlpar_parse_cc_property(ccwa)
      if (prop === null) return false
      tree.addProperty(prop)
      return true
    }
    case PREV_PARENT:
      tree.goUp()
      return true
    case CALL_AGAIN:
      return true
    case COMPLETE:
      return false
    default:
      pr_err('Unexpected Error (%d) returned from configure-connector\n', status)
      return false
  }
}

/**
 * Models `dlpar_configure_connector` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): gets the node of a DRC index and
 * its subtree from firmware. A sibling or a property before the first node is an Oops. One step up too many leads into
 * the live tree. A property after a step up is appended to the node of the last property.
 *
 * @param drc_index - number of the dynamic reconfiguration connector
 * @param parent - parent of the top node; no reference is taken
 * @returns the top node of an unattached tree, each node with its init reference; null if the service is missing, on a
 * firmware error, if memory is short (the partial tree is freed), or if firmware describes no node
 */
export function dlpar_configure_connector(drc_index: number, parent: device_node): device_node | null {
  const token = rtas_token('ibm,configure-connector')
  if (token === RTAS_UNKNOWN_SERVICE) return null
  const area = kmalloc(RTAS_DATA_BUF_SIZE)
  if (area === null) return null
  putWord(area, CC.drc_index, drc_index)
  putWord(area, CC.zero, 0)
  const tree = new ToldTree(parent)
  const status = spinWhile(
    'ibm,configure-connector',
    () => callWithDataBuf(token, area, 0),
    (piece) => takePiece(tree, piece, area),
  )
  kfree(area)
  if (status === COMPLETE) return tree.top
  if (tree.top !== null) dlpar_free_cc_nodes(tree.top)
  return null
}

/**
 * Models `dlpar_attach_node` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): attaches the top node of a tree. The
 * attach loses the subtree below it.
 *
 * @returns the result of `of_attach_node`, always 0
 */
export function dlpar_attach_node(dn: device_node, parent: device_node): number {
  dn.parent = parent
  const rc = of_attach_node(dn)
  if (rc !== 0) pr_err('Failed to add device node %pOF\n', dn)
  return rc
}

/**
 * Models `dlpar_detach_node` (arch/powerpc/platforms/pseries/dlpar.c, v4.18): detaches the children first, then the
 * node. Drops the init reference of each, but not the caller's reference.
 *
 * @returns the result of `of_detach_node`, always 0
 */
export function dlpar_detach_node(dn: device_node): number {
  for (const child of for_each_child_of_node(dn)) dlpar_detach_node(child)
  return of_detach_node(dn)
}
