// SPDX-License-Identifier: GPL-2.0-only
import { advance, pr_err, readByte, text, writeByte, type cstr } from '@pfo-workbench/kernel'
import { simple_strtoul } from './integer.ts'

const SPACE = 0x20
const NUL = 0

/**
 * Splits off the first word of a command: replaces the space after it with a terminator, in place.
 *
 * @returns the text after the space; null, with nothing changed, if the string has no space
 */
export function cutWord(command: cstr): cstr | null {
  const space = text(command).indexOf(' ')
  if (space < 0) return null
  writeByte(command, space, NUL)
  return advance(command, space + 1)
}

/** One property in a command. All pointers point into the command. */
export interface WrittenProperty {
  readonly name: cstr
  /** An `int` in C: the number in the command, which can be negative. */
  readonly length: number
  readonly value: cstr
  /** The text after the separator that follows the value. */
  readonly rest: cstr
}

/** Lines of arch/powerpc/platforms/pseries/reconfig.c, v4.18, that the parser reports for an invalid property. */
const FAULT = {
  nameWithoutSpace: 128,
  nothingBehindName: 135,
  lengthUnreadable: 144,
  nothingBehindLength: 149,
  valueTooLong: 158,
  valueNotSeparated: 163,
} as const

/** A property, or the line that the kernel reports. */
type Read = WrittenProperty | (typeof FAULT)[keyof typeof FAULT]

function readProperty(name: cstr, end: number): Read {
  const behindName = cutWord(name)
  if (behindName === null) return FAULT.nameWithoutSpace
  if (behindName.offset >= end) return FAULT.nothingBehindName
  return readLength(name, behindName, end)
}

/** Reads a decimal length. An empty length counts as 0; text other than a number is an error. */
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
 * Models `parse_next_property` (arch/powerpc/platforms/pseries/reconfig.c, v4.18): parses `name length value` with
 * exactly `length` raw bytes, then a space, a NUL or the end.
 *
 * @param buf - starts with the name; modified in place
 * @param end - offset after the last byte of the command, as the caller computed it
 * @returns null after an error message with the line of the kernel source
 */
export function parse_next_property(buf: cstr, end: number): WrittenProperty | null {
  const read = readProperty(buf, end)
  if (typeof read !== 'number') return read
  pr_err('property parse failed in %s at line %d\n', 'parse_next_property', read)
  return null
}
