// SPDX-License-Identifier: GPL-2.0-only

/** Byte order of a value. Firmware uses big-endian, except for a few properties that a driver reads in host order. */
export type Endian = 'big' | 'little'

/** A property value made of 32-bit cells. */
export function cells(words: readonly number[], endian: Endian = 'big'): Uint8Array {
  const value = new Uint8Array(words.length * 4)
  const view = viewOf(value)
  for (let i = 0; i < words.length; i++) view.setUint32(i * 4, words[i] ?? 0, endian === 'little')
  return value
}

/** The value of a string property: one byte per character (Latin-1) and a terminator. */
export function stringValue(text: string): Uint8Array {
  const value = new Uint8Array(text.length + 1)
  for (let i = 0; i < text.length; i++) value[i] = text.charCodeAt(i)
  return value
}

/** A view of exactly these bytes, for big-endian access. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The first cell of a property's value, or undefined if it has none. */
export function firstCell(value: Uint8Array | undefined): number | undefined {
  return value === undefined || value.length < 4 ? undefined : viewOf(value).getUint32(0)
}

/** Maximum number of characters per call: each is an argument of `fromCharCode`. */
const piece = 4096

/**
 * Bytes as text, one character per byte (Latin-1). The kernel package has its own copy, because no package is a
 * dependency of both.
 */
export function latin1(bytes: Uint8Array): string {
  if (bytes.length <= piece) return Reflect.apply(String.fromCharCode, null, bytes) as string
  return latin1(bytes.subarray(0, piece)) + latin1(bytes.subarray(piece))
}
