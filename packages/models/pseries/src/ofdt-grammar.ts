// SPDX-License-Identifier: GPL-2.0-only
import { advance, pr_err, readByte, text, writeByte, type cstr } from '@pfo-workbench/kernel'
import { simple_strtoul } from './integer.ts'

const SPACE = 0x20
const NUL = 0

/**
 * Takes the first word off a command: the space behind it becomes its terminator, in the command's own bytes.
 *
 * @returns what follows the space; null, and nothing changed, if there is no space before the end of the string
 */
export function cutWord(command: cstr): cstr | null {
  const space = text(command).indexOf(' ')
  if (space < 0) return null
  writeByte(command, space, NUL)
  return advance(command, space + 1)
}

/** One property as a command writes it. All pointers lead into the command. */
export interface WrittenProperty {
  readonly name: cstr
  /** An `int` of C: what the command says, which can be negative. */
  readonly length: number
  readonly value: cstr
  /** Behind the separator that follows the value. */
  readonly rest: cstr
}

/** Lines of arch/powerpc/platforms/pseries/reconfig.c, v4.18, where a property is given up. */
const FAULT = {
  nameWithoutSpace: 128,
  nothingBehindName: 135,
  lengthUnreadable: 144,
  nothingBehindLength: 149,
  valueTooLong: 158,
  valueNotSeparated: 163,
} as const

/** A property, or the line of the kernel source that gave up. */
type Read = WrittenProperty | (typeof FAULT)[keyof typeof FAULT]

function readProperty(name: cstr, end: number): Read {
  const behindName = cutWord(name)
  if (behindName === null) return FAULT.nameWithoutSpace
  if (behindName.offset >= end) return FAULT.nothingBehindName
  return readLength(name, behindName, end)
}

/** The length is decimal; what is not a number at all counts as 0. */
function readLength(name: cstr, start: cstr, end: number): Read {
  const digits = simple_strtoul(text(start), 10)
  const length = Number(BigInt.asIntN(32, digits.value))
  if (length === -1) return FAULT.lengthUnreadable
  const isSeparated = readByte(start, digits.length) === SPACE
  const value = advance(start, digits.length + 1)
  return isSeparated && value.offset < end ? readValue(name, length, value, end) : FAULT.nothingBehindLength
}

function readValue(name: cstr, length: number, value: cstr, end: number): Read {
  const behindValue = value.offset + length
  if (behindValue > end) return FAULT.valueTooLong
  const isSeparated = behindValue === end || [SPACE, NUL].includes(readByte(value, length))
  return isSeparated ? { name, length, value, rest: advance(value, length + 1) } : FAULT.valueNotSeparated
}

/**
 * Models `parse_next_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): `name length value` with exactly
 * `length` raw bytes, then a space, a NUL or the end.
 *
 * @param buf - starts with the name; its bytes are changed
 * @param end - offset behind the last byte of the command, or where the caller thinks that is
 * @returns null after an error line that names the line of the kernel source that gave up
 */
export function parse_next_property(buf: cstr, end: number): WrittenProperty | null {
  const read = readProperty(buf, end)
  if (typeof read !== 'number') return read
  pr_err('property parse failed in %s at line %d\n', 'parse_next_property', read)
  return null
}
