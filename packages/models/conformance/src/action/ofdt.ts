// SPDX-License-Identifier: GPL-2.0-only
import { ActionError } from './action-error.ts'
import { handleNamed, nodeNamed } from './names.ts'
import { addNodeCommand, decode, valueBytes } from './values.ts'

/** `add_node` as the recordings abbreviate it: only the phandle is given, the other properties are implied. */
const addNodePattern = /^add_node (\/\S+) \(ibm,phandle (0x[0-9a-f]{1,8})\)$/
const removePropertyPattern = /^remove_property (\S+) (\S+)$/
const setPropertyPattern = /^(add_property|update_property) (\S+) (\S+) (.+)$/s
/** A value in the kernel's form, with its length in front. */
const lengthPrefix = /^\d+ /

/**
 * The bytes that a step wrote to `/proc/powerpc/ofdt`. Commands are written literally, with bytes in octal. There are
 * abbreviations: a node name for its phandle, a value without its length, and a recorded node without its properties.
 *
 * @throws ActionError for an unknown abbreviation or node
 */
export function ofdtCommand(words: string): string {
  const [, path = '', handle] = addNodePattern.exec(words) ?? []
  if (handle !== undefined) return addNodeCommand(path, Number(handle))
  if (/\(.*\)$/s.test(words)) {
    throw new ActionError(
      'unknown text in brackets; accepted is "(ibm,phandle 0x...)" after the path of an add_node',
    )
  }
  const [, removed = '', name = ''] = removePropertyPattern.exec(words) ?? []
  if (name !== '') return `remove_property ${handleNamed(removed)} ${name}`
  const [, command, node = '', property = '', value = ''] = setPropertyPattern.exec(words) ?? []
  if (command === undefined) return decode(words)
  const bytes = lengthPrefix.test(value) ? undefined : valueBytes(pathOf(node), property, value)
  const given = bytes === undefined ? decode(value) : `${bytes.length} ${String.fromCharCode(...bytes)}`
  return `${command} ${handleNamed(node)} ${property} ${given}`
}

/** The path of a node that is given by its name; empty for a phandle. */
function pathOf(node: string): string {
  return /^\d/.test(node) ? '' : nodeNamed(node)
}
