// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  device_node,
  EBUSY,
  EINVAL,
  ENODEV,
  ENOMEM,
  kfree,
  kmalloc,
  kstrdup,
  kzalloc,
  memcpy,
  OF_DYNAMIC,
  pr_err,
  proc_create,
  property,
  readByte,
  text,
  writeByte,
  type cstr,
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

/**
 * Models `pSeries_reconfig_add_node` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): a dynamic node with its init
 * reference, attached. The parent's reference is balanced. A missing parent is an Oops: the error path puts the error
 * pointer.
 *
 * @param proplist - becomes the node's; stays the caller's on failure
 * @returns 0 or -ENOMEM
 */
function pSeries_reconfig_add_node(path: cstr, proplist: property | null): number {
  const np = kzalloc(device_node)
  if (np === null) return -ENOMEM
  const name = text(path)
  np.full_name = kstrdup(name.slice(name.lastIndexOf('/') + 1))
  if (np.full_name === null) {
    kfree(np)
    return -ENOMEM
  }
  np.properties = proplist
  of_node_set_flag(np, OF_DYNAMIC)
  of_node_init(np)
  const parent = pseries_of_derive_parent(path)
  if (typeof parent === 'number') {
    np.parent = errorNode(parent)
    of_node_put(np.parent)
    return parent
  }
  np.parent = parent
  of_attach_node(np)
  of_node_put(np.parent)
  return 0
}

/**
 * Models `pSeries_reconfig_remove_node`: 0; -EINVAL for the root; -EBUSY while it has children. References are
 * balanced.
 */
function pSeries_reconfig_remove_node(np: device_node): number {
  const parent = of_get_parent(np)
  if (parent === null) return -EINVAL
  const child = of_get_next_child(np, null)
  if (child !== null) {
    of_node_put(child)
    of_node_put(parent)
    return -EBUSY
  }
  of_detach_node(np)
  of_node_put(parent)
  return 0
}

/** Models `release_prop_list`. */
function release_prop_list(list: property | null): void {
  for (let prop = list; prop !== null;) {
    const { next } = prop
    kfree(prop.name)
    kfree(prop.value)
    kfree(prop)
    prop = next
  }
}

const SPACE = 0x20

/**
 * Ends a word of the command: its first space becomes a terminator, in the command's own bytes.
 *
 * @param buf - start of the word
 * @returns what follows the space; null if the string ends without one
 */
function cutWord(buf: cstr): cstr | null {
  for (let i = 0; ; i++) {
    const byte = readByte(buf, i)
    if (byte === 0) return null
    if (byte !== SPACE) continue
    writeByte(buf, i, 0)
    return advance(buf, i + 1)
  }
}

/** One property of a command. All pointers lead into the command. */
interface ParsedProperty {
  readonly name: cstr
  /** An `int` of C: what the command says, which can be negative. */
  readonly length: number
  readonly value: cstr
  readonly next: cstr
}

/**
 * Models `parse_next_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): `name length value` with exactly
 * `length` raw bytes, then a space, a NUL or the end. The length is decimal; what is not a number at all counts as 0.
 *
 * @param buf - starts with the name; its bytes are changed
 * @param end - offset behind the last byte of the command, or where the caller thinks that is
 * @returns null after an error line that names the line of the kernel source that gave up
 */
function parse_next_property(buf: cstr, end: number): ParsedProperty | null {
  const afterName = cutWord(buf)
  if (afterName === null) return parseFailed(128)
  if (afterName.offset >= end) return parseFailed(135)
  const number = simple_strtoul(text(afterName), 10)
  const length = Number(BigInt.asIntN(32, number.value))
  if (length === -1) return parseFailed(144)
  const value = advance(afterName, number.length + 1)
  if (readByte(value, -1) !== SPACE || value.offset >= end) return parseFailed(149)
  const behind = value.offset + length
  if (behind > end) return parseFailed(158)
  const separator = readByte(value, length)
  if (behind < end && separator !== SPACE && separator !== 0) return parseFailed(163)
  return { name: buf, length, value, next: advance(value, length + 1) }
}

function parseFailed(line: number): null {
  pr_err('property parse failed in %s at line %d\n', 'parse_next_property', line)
  return null
}

/**
 * Models `new_property`: owned by the caller, in front of `last`; null when memory is short. The value gets a
 * terminator.
 */
function new_property({ name, length, value }: ParsedProperty, last: property | null): property | null {
  const prop = kzalloc(property)
  if (prop === null) return null
  prop.name = kstrdup(name)
  if (prop.name !== null) prop.value = kmalloc(length + 1)
  if (prop.value === null) {
    kfree(prop.name)
    kfree(prop)
    return null
  }
  memcpy(prop.value, value, length)
  prop.length = length
  prop.next = last
  return prop
}

/**
 * Models `do_add_node`: the properties end up in reverse order of the command.
 *
 * @returns 0; -EINVAL for a path that exists, or a property that cannot be read; -ENOMEM
 */
function do_add_node(path: cstr, bufsize: number): number {
  const end = path.offset + bufsize
  const first = cutWord(path)
  if (first === null) return -EINVAL
  const existing = of_find_node_by_path(path)
  if (existing !== null) {
    of_node_put(existing)
    return -EINVAL
  }
  let prop: property | null = null
  for (let buf = first; buf.offset < end;) {
    const parsed = parse_next_property(buf, end)
    const last: property | null = prop
    if (parsed !== null) prop = new_property(parsed, last)
    if (parsed === null || prop === null) {
      release_prop_list(last)
      return parsed === null ? -EINVAL : -ENOMEM
    }
    buf = parsed.next
  }
  const rv = pSeries_reconfig_add_node(path, prop)
  if (rv !== 0) release_prop_list(prop)
  return rv
}

/** Models `do_remove_node`: -ENODEV, or what the removal says. References are balanced. */
function do_remove_node(path: cstr): number {
  const node = of_find_node_by_path(path)
  if (node === null) return -ENODEV
  const rv = pSeries_reconfig_remove_node(node)
  of_node_put(node)
  return rv
}

/** What a property command says about its node. */
interface NodeCommand {
  readonly np: device_node
  readonly rest: cstr
}

/**
 * Models `parse_node`: the phandle at the start of a command, in C integer syntax up to the first character that is not.
 *
 * References: +1 on the node, which the property commands never put.
 *
 * @returns null if there is no such node, or no space behind the phandle
 */
function parse_node(buf: cstr): NodeCommand | null {
  const rest = cutWord(buf)
  if (rest === null) return null
  const np = of_find_node_by_phandle(Number(BigInt.asUintN(32, simple_strtoul(text(buf), 0).value)))
  return np === null ? null : { np, rest }
}

/**
 * Models `do_add_property`. The result of `of_add_property` is ignored: a property whose name is taken is leaked.
 *
 * References: the node's +1 is never put.
 */
function do_add_property(buf: cstr, bufsize: number): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const parsed = parse_next_property(command.rest, buf.offset + bufsize)
  if (parsed === null) return -EINVAL
  const prop = new_property(parsed, null)
  if (prop === null) return -ENOMEM
  of_add_property(command.np, prop)
  return 0
}

/** Models `do_remove_property`. References: the node's +1 is never put. */
function do_remove_property(buf: cstr): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  cutWord(command.rest)
  if (text(command.rest) === '') return -EINVAL
  return of_remove_property(command.np, of_find_property(command.np, command.rest))
}

/**
 * Models `do_update_property`. The end of the command is taken to be too far away by the length of the phandle and its
 * space, so a value may be longer than the command. Sizes of the SLB, which two property names set, are not modelled.
 *
 * References: the node's +1 is never put.
 */
function do_update_property(buf: cstr, bufsize: number): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const parsed = parse_next_property(command.rest, command.rest.offset + bufsize)
  if (parsed === null) return -EINVAL
  if (text(parsed.name) === '') return -ENODEV
  const newprop = new_property(parsed, null)
  if (newprop === null) return -ENOMEM
  return of_update_property(command.np, newprop)
}

/**
 * Models `ofdt_write` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): one command per write; the first word up to a
 * space says which.
 *
 * @returns the number of bytes written, or a negative errno
 */
function ofdt_write(data: Uint8Array): number {
  const kbuf = kmalloc(data.length + 1)
  if (kbuf === null) return -ENOMEM
  memcpy(kbuf, data, data.length)
  const args = cutWord(kbuf)
  const rv = args === null ? -EINVAL : runCommand(text(kbuf), args, data.length - args.offset)
  kfree(kbuf)
  return rv === 0 ? data.length : rv
}

function runCommand(command: string, args: cstr, bufsize: number): number {
  switch (command) {
    case 'add_node':
      return do_add_node(args, bufsize)
    case 'remove_node':
      return do_remove_node(args)
    case 'add_property':
      return do_add_property(args, bufsize)
    case 'remove_property':
      return do_remove_property(args)
    case 'update_property':
      return do_update_property(args, bufsize)
    default:
      return -EINVAL
  }
}

/** Models `proc_ppc64_create_ofdt` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): `/proc/powerpc/ofdt`, write-only. */
export function proc_ppc64_create_ofdt(): number {
  proc_create('powerpc/ofdt', { write: ofdt_write })
  return 0
}
