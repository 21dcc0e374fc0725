// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  EBUSY,
  EINVAL,
  ENODEV,
  ENOMEM,
  kfree,
  kmalloc,
  kstrdup,
  kzalloc,
  LOGLEVEL_ERR,
  memcpy,
  OF_DYNAMIC,
  printk,
  proc_create,
  text,
  type cstr,
  type property,
} from '@pfo-workbench/kernel'
import {
  of_add_property,
  of_attach_node,
  of_detach_node,
  of_find_node_by_path,
  of_find_node_by_phandle,
  of_find_property,
  of_get_next_child,
  of_get_parent,
  of_node_init,
  of_node_put,
  of_node_set_flag,
  of_remove_property,
  of_update_property,
} from '@pfo-workbench/of'
import { simple_strtoul } from './integer.ts'
import { errorNode, pseries_of_derive_parent } from './of-helpers.ts'
import { cutWord, parse_next_property, type WrittenProperty } from './ofdt-grammar.ts'
import { allocateProperty, freeProperty } from './property-memory.ts'

/** A dynamic node with a name and its init reference, not yet linked; null if memory is short. */
function makeNode(name: string, proplist: property | null): device_node | null {
  const np = kzalloc(device_node)
  if (np === null) return null
  np.full_name = kstrdup(name)
  if (np.full_name === null) {
    kfree(np)
    return null
  }
  np.properties = proplist
  of_node_set_flag(np, OF_DYNAMIC)
  of_node_init(np)
  return np
}

/**
 * Models `pSeries_reconfig_add_node` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): attaches a new dynamic node
 * with its init reference. Drops the reference on the parent, even after an error. If the attach fails, it frees the
 * node, ignoring the reference count. If `pseries_of_derive_parent` fails, for example because the parent does not
 * exist, the put of the error pointer is an Oops.
 *
 * @param proplist - owned by the node on success, otherwise still by the caller
 * @returns 0, -ENOMEM, or the error of the attach
 */
function pSeries_reconfig_add_node(path: cstr, proplist: property | null): number {
  const np = makeNode(text(path).replace(/^.*\//s, ''), proplist)
  if (np === null) return -ENOMEM
  const parent = pseries_of_derive_parent(path)
  const isThere = typeof parent !== 'number'
  np.parent = isThere ? parent : errorNode(parent)
  const error = isThere ? of_attach_node(np) : parent
  if (isThere && error !== 0) printk(LOGLEVEL_ERR, 'Failed to add device node %s\n', path)
  of_node_put(np.parent)
  if (error === 0) return 0
  kfree(np.full_name)
  kfree(np)
  return error
}

/** True if a node has children. Drops the reference that it takes. */
function hasChildren(np: device_node): boolean {
  const child = of_get_next_child(np, null)
  of_node_put(child)
  return child !== null
}

/**
 * Models `pSeries_reconfig_remove_node` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): 0; -EINVAL for the root;
 * -EBUSY if it has children. Drops all references that it takes.
 */
function pSeries_reconfig_remove_node(np: device_node): number {
  const parent = of_get_parent(np)
  if (parent === null) return -EINVAL
  const isBusy = hasChildren(np)
  if (!isBusy) of_detach_node(np)
  of_node_put(parent)
  return isBusy ? -EBUSY : 0
}

/** Models `release_prop_list` (arch/powerpc/platforms/pseries/reconfig.c, v4.18). */
function release_prop_list(list: property | null): void {
  let next = list
  while (next !== null) {
    const prop: property = next
    next = prop.next
    freeProperty(prop)
  }
}

/**
 * Models `new_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): a new property, owned by the caller and
 * linked in front of `last`; null if memory is short. Adds a terminator to the value.
 */
function new_property(written: WrittenProperty, last: property | null): property | null {
  const own = allocateProperty(written.name, written.length + 1)
  if (own === null) return null
  memcpy(own.value, written.value, written.length)
  own.prop.length = written.length
  own.prop.next = last
  return own.prop
}

/** Properties of a command in reverse order, and the result of parsing them: 0, -EINVAL or -ENOMEM. */
interface ReadList {
  readonly list: property | null
  readonly error: number
}

/** Parses properties until the end of the command. */
function readProperties(start: cstr, end: number): ReadList {
  let list: property | null = null
  for (let rest = start; rest.offset < end;) {
    const written = parse_next_property(rest, end)
    if (written === null) return { list, error: -EINVAL }
    const prop = new_property(written, list)
    if (prop === null) return { list, error: -ENOMEM }
    list = prop
    rest = written.rest
  }
  return { list, error: 0 }
}

/** True if a node exists at a path. Drops the reference that it takes. */
function isTaken(path: cstr): boolean {
  const np = of_find_node_by_path(path)
  of_node_put(np)
  return np !== null
}

/**
 * Models `do_add_node` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): the node's properties are in reverse order
 * of the command.
 *
 * @returns 0; -EINVAL for an existing path, without a space after the path, or for an invalid property; -ENOMEM
 */
function do_add_node(path: cstr, bufsize: number): number {
  const properties = cutWord(path)
  if (properties === null || isTaken(path)) return -EINVAL
  const { list, error } = readProperties(properties, path.offset + bufsize)
  const rv = error === 0 ? pSeries_reconfig_add_node(path, list) : error
  if (rv !== 0) release_prop_list(list)
  return rv
}

/**
 * Models `do_remove_node` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): -ENODEV, or the result of the removal.
 * Drops the reference that it takes.
 */
function do_remove_node(path: cstr): number {
  const node = of_find_node_by_path(path)
  if (node === null) return -ENODEV
  const rv = pSeries_reconfig_remove_node(node)
  of_node_put(node)
  return rv
}

/** The node of a property command, and the text after its phandle. */
interface NodeCommand {
  readonly np: device_node
  readonly rest: cstr
}

/**
 * Models `parse_node` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): parses the phandle at the start of a command,
 * in C integer syntax up to the first invalid character.
 *
 * References: +1 on the node; the property commands leak it.
 *
 * @returns null if there is no such node, or no space after the phandle
 */
function parse_node(buf: cstr): NodeCommand | null {
  const rest = cutWord(buf)
  if (rest === null) return null
  const handle = simple_strtoul(text(buf), 0).value
  const np = of_find_node_by_phandle(Number(BigInt.asUintN(32, handle)))
  return np === null ? null : { np, rest }
}

/**
 * Models `do_add_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18). Ignores the result of `of_add_property`:
 * if the node already has a property of this name, the new property is leaked.
 *
 * References: leaks the +1 on the node.
 *
 * @returns 0; -ENODEV without a node or without a space after the phandle; -EINVAL for an invalid property; -ENOMEM
 */
function do_add_property(buf: cstr, bufsize: number): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const written = parse_next_property(command.rest, buf.offset + bufsize)
  if (written === null) return -EINVAL
  const prop = new_property(written, null)
  if (prop !== null) of_add_property(command.np, prop)
  return prop === null ? -ENOMEM : 0
}

/**
 * Models `do_remove_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18). References: leaks the +1 on the node.
 *
 * @returns the result of `of_remove_property`; -ENODEV without a node or without a space after the phandle; -EINVAL
 *   without a name
 */
function do_remove_property(buf: cstr): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const { np, rest: name } = command
  cutWord(name)
  return text(name) === '' ? -EINVAL : of_remove_property(np, of_find_property(np, name))
}

/**
 * Models `do_update_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18). The function computes a wrong end of
 * the command: too far by the length of the phandle and the space after it. So a value may extend past the command. In
 * the kernel, two properties also set the number of SLB entries; this is not modelled.
 *
 * References: leaks the +1 on the node.
 *
 * @returns the result of `of_update_property`; -ENODEV without a node, without a space after the phandle or without a
 *   name; -EINVAL for an invalid property; -ENOMEM
 */
function do_update_property(buf: cstr, bufsize: number): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const written = parse_next_property(command.rest, command.rest.offset + bufsize)
  if (written === null) return -EINVAL
  if (text(written.name) === '') return -ENODEV
  const prop = new_property(written, null)
  return prop === null ? -ENOMEM : of_update_property(command.np, prop)
}

/** The commands; each takes its arguments and their length in bytes. */
const COMMANDS: ReadonlyMap<string, (args: cstr, bufsize: number) => number> = new Map([
  ['add_node', do_add_node],
  ['remove_node', do_remove_node],
  ['add_property', do_add_property],
  ['remove_property', do_remove_property],
  ['update_property', do_update_property],
])

/**
 * Models `ofdt_write` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): one command per write; the first word is its
 * name.
 *
 * @returns the number of bytes written, or a negative errno
 */
function ofdt_write(data: Uint8Array): number {
  const kbuf = kmalloc(data.length + 1)
  if (kbuf === null) return -ENOMEM
  memcpy(kbuf, data, data.length)
  const args = cutWord(kbuf)
  const command = COMMANDS.get(text(kbuf))
  const rv = args === null || command === undefined ? -EINVAL : command(args, data.length - args.offset)
  kfree(kbuf)
  return rv === 0 ? data.length : rv
}

/**
 * Models `proc_ppc64_create_ofdt` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): `/proc/powerpc/ofdt`, write-only.
 */
export function proc_ppc64_create_ofdt(): number {
  proc_create('powerpc/ofdt', { write: ofdt_write })
  return 0
}
