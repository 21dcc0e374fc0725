// SPDX-License-Identifier: GPL-2.0-only
import { EINVAL, ERANGE } from '@pfo-workbench/kernel'

/**
 * Reads a number as `kstrtou64(s, 0, …)` does (lib/kstrtox.c): decimal, 0x hexadecimal or 0 octal, one trailing newline.
 *
 * @returns the number, or `{ error }` with -EINVAL or -ERANGE
 */
export function parseCInteger(input: string): number | { readonly error: number } {
  const digits = /^\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)\n?\0?$/.exec(input)?.[1]
  if (digits === undefined) return { error: -EINVAL }
  const octal = /^0[0-7]+$/.test(digits)
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits)
  return value > 0xffffffffffffffffn ? { error: -ERANGE } : Number(value)
}
