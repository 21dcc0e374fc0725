// SPDX-License-Identifier: GPL-2.0-only
import { ActionError } from './action-error.ts'
import { handleNamed, nodeNamed } from './names.ts'
import { addNodeCommand, decode, valueBytes } from './values.ts'

/** `add_node` as the recordings write it: the properties are left to the reader, but for the handle. */
const ADD_NODE = /^add_node (\/\S+) \(ibm,phandle (0x[0-9a-f]{1,8})\)$/
const REMOVE_PROPERTY = /^remove_property (\S+) (\S+)$/
const SET_PROPERTY = /^(add_property|update_property) (\S+) (\S+) (.+)$/s
/** A value as the kernel wants it, its length in front. */
const WITH_LENGTH = /^\d+ /

/**
 * The bytes that a step wrote to `/proc/powerpc/ofdt`. Commands are written as they are, bytes in octal; and for short, a
 * node stands for its handle, a value for its length and itself, and a recorded node for its properties.
 */
export function ofdtCommand(words: string): string {
  const [, path = '', handle] = ADD_NODE.exec(words) ?? []
  if (handle !== undefined) return addNodeCommand(path, Number(handle))
  if (/\(.*\)$/s.test(words)) {
    throw new ActionError(
      'what is in brackets is not known; "(ibm,phandle 0x...)" behind the path of an add_node is',
    )
  }
  const [, removed = '', name = ''] = REMOVE_PROPERTY.exec(words) ?? []
  if (name !== '') return `remove_property ${handleNamed(removed)} ${name}`
  const [, command, node = '', property = '', value = ''] = SET_PROPERTY.exec(words) ?? []
  if (command === undefined) return decode(words)
  const bytes = WITH_LENGTH.test(value) ? undefined : valueBytes(pathOf(node), property, value)
  const given = bytes === undefined ? decode(value) : `${bytes.length} ${String.fromCharCode(...bytes)}`
  return `${command} ${handleNamed(node)} ${property} ${given}`
}

/** Where a node is, if it is called by its name. */
function pathOf(node: string): string {
  return /^\d/.test(node) ? '' : nodeNamed(node)
}
