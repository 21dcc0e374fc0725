// SPDX-License-Identifier: GPL-2.0-only
import type { Program } from './run.ts'

/** Converts an unsigned integer of `bits` bits to arguments of a WebAssembly function. */
export function toWords(value: bigint, bits: number): readonly (bigint | number)[] {
  const unsigned = BigInt.asUintN(bits, value)
  if (bits <= 32) return [Number(BigInt.asIntN(32, unsigned))]
  if (bits <= 64) return [BigInt.asIntN(64, unsigned)]
  return [BigInt.asIntN(64, unsigned), BigInt.asIntN(64, unsigned >> 64n)]
}

/**
 * Converts the result of a WebAssembly function to an integer. The bits above the width must be 0, because other
 * instructions rely on these zeros.
 */
export function fromWords(result: unknown, bits: number): bigint {
  const words: unknown[] = Array.isArray(result) ? result : [result]
  let value = 0n
  for (const [i, word] of words.entries()) {
    if (typeof word !== 'bigint' && typeof word !== 'number') throw new Error('no result')
    value |= BigInt.asUintN(bits <= 32 ? 32 : 64, BigInt(word)) << BigInt(64 * i)
  }
  if (value >> BigInt(bits) !== 0n) throw new Error(`bits above ${bits}: ${value.toString(16)}`)
  return value
}

/** Calls a function with integers. */
export function callWith(
  program: Program,
  name: string,
  values: readonly (readonly [value: bigint, bits: number])[],
  bits: number,
): bigint {
  const words = values.flatMap(([value, width]) => toWords(value, width))
  return fromWords(program.call(name, ...words), bits)
}

/** Edge cases of integers with this width. */
export function edges(bits: number): readonly bigint[] {
  const top = 1n << BigInt(bits - 1)
  const all = [
    0n,
    1n,
    2n,
    3n,
    top,
    top - 1n,
    top + 1n,
    -1n,
    -2n,
    0x55555555555555555555555555555555n,
    7n << 31n,
    1n << 63n,
  ]
  return [...new Set(all.map((value) => BigInt.asUintN(bits, value)))]
}
