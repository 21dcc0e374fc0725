// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  EINVAL,
  ENODEV,
  ENOMEM,
  EBUSY,
  kfree,
  kmemdup,
  kstrdup,
  kzalloc,
  OF_DYNAMIC,
  pr_err,
  proc_create,
  property,
  oops,
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
import { parseCInteger } from './integer.ts'

/** Text whose characters are bytes: what was written to the file, up to the first NUL where C stops there. */
type Bytes = string

/**
 * Models `pseries_of_derive_parent` (arch/powerpc/platforms/pseries/of_helpers.c, v4.18): +1 on the parent of a path.
 *
 * @returns the node, or a negative errno (`ERR_PTR`)
 */
export function pseries_of_derive_parent(path: string): device_node | number {
  if (path === '/') return -EINVAL
  const slash = path.lastIndexOf('/')
  const parent_path = slash <= 0 ? '/' : path.slice(0, slash)
  return of_find_node_by_path(parent_path) ?? -EINVAL
}

/** Models `pSeries_reconfig_add_node` (pseries/reconfig.c, v4.18): 0 or -ENOMEM. A missing parent is not handled. */
function pSeries_reconfig_add_node(path: string, proplist: property | null): number {
  const np = kzalloc(device_node)
  if (np === null) return -ENOMEM
  np.full_name = kstrdup(path.slice(path.lastIndexOf('/') + 1))
  if (np.full_name === null) {
    kfree(np)
    return -ENOMEM
  }
  np.properties = proplist
  of_node_set_flag(np, OF_DYNAMIC)
  of_node_init(np)
  const parent = pseries_of_derive_parent(path)
  if (typeof parent === 'number') return putErrorPointer(parent)
  np.parent = parent
  of_attach_node(np)
  of_node_put(np.parent)
  return 0
}

/** The error path hands an `ERR_PTR` to `of_node_put`, which follows it. */
function putErrorPointer(error: number): never {
  const address = (0xffffffffffffffffn + BigInt(error) + 1n).toString(16)
  oops(`Unable to handle kernel paging request for data at address 0x${address}`)
}

/** Models `pSeries_reconfig_remove_node`: 0; -EINVAL for the root; -EBUSY while it has children. */
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

/** One property of a command and what follows it. */
interface ParsedProperty {
  readonly name: string
  readonly value: Uint8Array
  readonly rest: Bytes
}

function parseFailed(line: number): null {
  pr_err('property parse failed in %s at line %d\n', 'parse_next_property', line)
  return null
}

/**
 * Models `parse_next_property` (pseries/reconfig.c, v4.18): `name length value` with exactly `length` raw bytes.
 *
 * @param buf - starts with the name
 * @returns null after an error line that names the line of the kernel source that gave up
 */
function parse_next_property(buf: Bytes): ParsedProperty | null {
  const space = buf.indexOf(' ')
  if (space < 0) return parseFailed(128)
  const name = buf.slice(0, space)
  const afterName = buf.slice(space + 1)
  if (afterName === '') return parseFailed(135)
  const number = /^(0[xX][0-9a-fA-F]+|[0-9]+)/.exec(afterName)?.[0]
  if (number === undefined) return parseFailed(144)
  const length = Number(number)
  const behind = afterName.slice(number.length)
  if (!behind.startsWith(' ') || behind.length === 1) return parseFailed(149)
  const value = behind.slice(1, 1 + length)
  if (value.length < length) return parseFailed(158)
  const end = behind.slice(1 + length)
  if (end !== '' && !end.startsWith(' ') && !end.startsWith('\0')) return parseFailed(163)
  return { name, value: Uint8Array.from(value, (char) => char.charCodeAt(0)), rest: end.slice(1) }
}

/** Models `new_property`: owned by the caller, pushed in front of `last`; null when memory is short. */
function new_property(name: string, value: Uint8Array, last: property | null): property | null {
  const prop = kzalloc(property)
  if (prop === null) return null
  prop.name = kstrdup(name)
  prop.value = kmemdup(value)
  if (prop.name === null || prop.value === null) {
    kfree(prop.name)
    kfree(prop.value)
    kfree(prop)
    return null
  }
  prop.length = value.length
  prop.next = last
  return prop
}

/** Models `do_add_node`: the properties end up in reverse order of the command. */
function do_add_node(buf: Bytes): number {
  const space = buf.indexOf(' ')
  if (space < 0) return -EINVAL
  const path = buf.slice(0, space)
  const existing = of_find_node_by_path(path)
  if (existing !== null) {
    of_node_put(existing)
    return -EINVAL
  }
  let prop: property | null = null
  for (let rest = buf.slice(space + 1); rest !== '';) {
    const parsed = parse_next_property(rest)
    if (parsed === null) {
      release_prop_list(prop)
      return -EINVAL
    }
    const last: property | null = prop
    prop = new_property(parsed.name, parsed.value, last)
    if (prop === null) {
      release_prop_list(last)
      return -ENOMEM
    }
    rest = parsed.rest
  }
  const rv = pSeries_reconfig_add_node(path, prop)
  if (rv !== 0) release_prop_list(prop)
  return rv
}

/** Models `do_remove_node`: references balanced. */
function do_remove_node(buf: Bytes): number {
  const node = of_find_node_by_path(buf)
  if (node === null) return -ENODEV
  const rv = pSeries_reconfig_remove_node(node)
  of_node_put(node)
  return rv
}

/** What a property command says about its node. */
interface NodeCommand {
  readonly np: device_node
  readonly rest: Bytes
}

/**
 * Models `parse_node`: the phandle at the start of a command.
 *
 * References: +1 on the node, which the property commands never put.
 */
function parse_node(buf: Bytes): NodeCommand | null {
  const word = /^(0[xX][0-9a-fA-F]+|[0-9]+)( |$)/.exec(buf)
  if (word === null) return null
  const handle = parseCInteger(word[1] ?? '')
  if (typeof handle === 'object') return null
  const np = of_find_node_by_phandle(handle >>> 0)
  return np === null ? null : { np, rest: buf.slice(word[0].length) }
}

function do_add_property(buf: Bytes): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const parsed = parse_next_property(command.rest)
  if (parsed === null) return -EINVAL
  const prop = new_property(parsed.name, parsed.value, null)
  if (prop === null) return -ENOMEM
  of_add_property(command.np, prop)
  return 0
}

function do_remove_property(buf: Bytes): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const space = command.rest.indexOf(' ')
  const name = space < 0 ? command.rest : command.rest.slice(0, space)
  if (name === '') return -EINVAL
  return of_remove_property(command.np, of_find_property(command.np, name))
}

function do_update_property(buf: Bytes): number {
  const command = parse_node(buf)
  if (command === null) return -ENODEV
  const parsed = parse_next_property(command.rest)
  if (parsed === null) return -EINVAL
  if (parsed.name === '') return -ENODEV
  const newprop = new_property(parsed.name, parsed.value, null)
  if (newprop === null) return -ENOMEM
  return of_update_property(command.np, newprop)
}

/**
 * Models `ofdt_write` (pseries/reconfig.c, v4.18): one command per write; the first word up to a space says which.
 *
 * @returns the number of bytes written, or a negative errno
 */
function ofdt_write(data: Uint8Array): number {
  const kbuf = Array.from(data, (byte) => String.fromCharCode(byte)).join('')
  const space = kbuf.indexOf(' ')
  if (space < 0) return -EINVAL
  const command = kbuf.slice(0, space)
  const rest = kbuf.slice(space + 1)
  let rv: number
  if (command === 'add_node') rv = do_add_node(rest)
  else if (command === 'remove_node') rv = do_remove_node(rest)
  else if (command === 'add_property') rv = do_add_property(rest)
  else if (command === 'remove_property') rv = do_remove_property(rest)
  else if (command === 'update_property') rv = do_update_property(rest)
  else rv = -EINVAL
  return rv === 0 ? data.length : rv
}

/** Models `proc_ppc64_create_ofdt` (pseries/reconfig.c, v4.18): `/proc/powerpc/ofdt`, write-only. */
export function proc_ppc64_create_ofdt(): number {
  proc_create('powerpc/ofdt', { write: ofdt_write })
  return 0
}
