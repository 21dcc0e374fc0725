// SPDX-License-Identifier: GPL-2.0-only
import { EINVAL, ERANGE } from '@pfo-workbench/kernel'

/**
 * Parses a number like `kstrtou64(s, 0, …)` (lib/kstrtox.c, v4.18): decimal, 0x hexadecimal or 0 octal, with an
 * optional leading `+` and an optional trailing newline.
 *
 * @param input - parsed up to its terminator, if it has one
 * @returns the number; or -EINVAL or -ERANGE, as a bare number
 */
export function parseCInteger(input: string): { readonly value: number } | number {
  const [string = ''] = input.split('\0', 1)
  const unsigned = string.startsWith('+') ? string.slice(1) : string
  const { value, length } = parseDigits(unsigned, 0)
  if (value > 0xffffffffffffffffn) return -ERANGE
  const rest = unsigned.slice(length)
  return length === 0 || (rest !== '' && rest !== '\n') ? -EINVAL : { value: Number(value) }
}

/** A number at the start of a text, and its length in characters. */
export interface ParsedNumber {
  readonly value: bigint
  readonly length: number
}

/**
 * Models `simple_strtoul` (lib/vsprintf.c, v4.18): an invalid number is 0 with length 0; trailing text is ignored; a
 * value over 64 bits wraps.
 *
 * @param base - 10, or 0 for C integer syntax
 */
export function simple_strtoul(input: string, base: 0 | 10): ParsedNumber {
  const { value, length } = parseDigits(input, base)
  return { value: BigInt.asUintN(64, value), length }
}

/**
 * Parses the digits at the start of a text. In base 0, `0x` counts only before a digit; otherwise a leading 0 means
 * octal.
 */
function parseDigits(input: string, base: 0 | 10): ParsedNumber {
  const syntax = base === 10 ? /^[0-9]+/ : /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)/
  const digits = syntax.exec(input)?.[0] ?? ''
  const octal = base === 0 && /^0[0-7]+$/.test(digits)
  return { value: BigInt(octal ? `0o${digits.slice(1)}` : digits), length: digits.length }
}
