// SPDX-License-Identifier: GPL-2.0-only
import type { CodeBuilder } from './code.ts'
import type { PlacedData } from './place-data.ts'
import type { Reached } from './reach.ts'
import type { Resolver } from './targets.ts'

/** Shadow value of bytes between variables; the same as KASAN's. */
export const shadowGlobalRedzone = 0xf9

/** Initial bytes of data from `start` on, with all addresses filled in. */
export function initialBytes(
  reached: Reached,
  placed: PlacedData,
  resolver: Resolver,
  code: CodeBuilder,
  start: number,
): Uint8Array {
  const bytes = new Uint8Array(placed.end - start)
  for (const { object, data } of reached.data.values()) {
    const address = (placed.addresses.get(data) ?? start) - start
    if (data.start !== null) bytes.set(object.bytes.subarray(data.start, data.start + data.size), address)
    for (const { offset, size, symbol, minus, addend } of data.relocations) {
      let value = code.address(resolver.resolve(object, symbol), placed, addend)
      if (minus !== null) value -= code.address(resolver.resolve(object, minus), placed, 0)
      writeNumber(bytes, address + offset, size, value, object.bigEndian)
    }
  }
  return bytes
}

function writeNumber(bytes: Uint8Array, at: number, size: number, value: bigint, bigEndian: boolean): void {
  let rest = BigInt.asUintN(64, value)
  for (let i = 0; i < size; i++) {
    bytes[at + (bigEndian ? size - 1 - i : i)] = Number(rest & 255n)
    rest >>= 8n
  }
}

/**
 * Shadow of the initial data. Variables are accessible, the gaps between them are not. A section whose bounds are used
 * is accessible as a whole.
 */
export function shadowOf(placed: PlacedData, reached: Reached, start: number): Uint8Array {
  const shadow = new Uint8Array(Math.ceil((placed.end - start) / 8)).fill(shadowGlobalRedzone)
  const allow = (address: number, size: number): void => {
    const first = (address - start) >> 3
    const whole = (address - start + size) >> 3
    shadow.fill(0, first, whole)
    const rest = (address + size) & 7
    if (rest !== 0) shadow[whole] = rest
  }
  for (const { data } of reached.data.values()) allow(placed.addresses.get(data) ?? start, data.size)
  for (const target of reached.undefined) allow(placed.undefined.get(target) ?? start, target.size)
  for (const bounds of placed.sections.values()) {
    for (const range of bounds.values()) allow(range.start, range.end - range.start)
  }
  return shadow
}
