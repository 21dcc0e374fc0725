// SPDX-License-Identifier: GPL-2.0-only
import { dataBase } from '@pfo-workbench/object'

/** Byte orders of a ppc64 kernel. */
export type Endian = 'big' | 'little'

/** The WebAssembly address of a C pointer, which is its lower half. */
export function addressOf(pointer: bigint): number {
  return Number(BigInt.asUintN(32, pointer))
}

/** The upper half of each C pointer to data. */
export const upperHalf: number = Number(dataBase >> 32n)

/** The C pointer for an address. */
export function pointerTo(address: number): bigint {
  return dataBase + BigInt(address)
}

/**
 * Unchecked access to C memory, for the machine's own data and for inspecting a kernel at rest. Host functions use
 * `CheckedMemory`. Positions are addresses, not pointers.
 */
export class Memory {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly view: DataView
  /** Size of C memory. The memory above belongs to the machine. */
  readonly size: number
  readonly endian: Endian
  readonly #little: boolean

  constructor(buffer: ArrayBuffer, size: number, endian: Endian) {
    this.bytes = new Uint8Array(buffer)
    this.view = new DataView(buffer)
    this.size = size
    this.endian = endian
    this.#little = endian === 'little'
  }

  /** True if a range of bytes at a pointer is in C memory. */
  holds(pointer: bigint, length: number): boolean {
    // A pointer below the base wraps around and is far beyond the end. Large numbers lose only low bits.
    return Number(BigInt.asUintN(64, pointer - dataBase)) + length <= this.size
  }

  u8(address: number): number {
    return this.view.getUint8(address)
  }

  u16(address: number): number {
    return this.view.getUint16(address, this.#little)
  }

  u32(address: number): number {
    return this.view.getUint32(address, this.#little)
  }

  s32(address: number): number {
    return this.view.getInt32(address, this.#little)
  }

  /** An unsigned 64-bit number, such as a pointer. */
  u64(address: number): bigint {
    return this.view.getBigUint64(address, this.#little)
  }

  /**
   * The address that a pointer in memory leads to; -1 if no `length` bytes of memory are there. Numbers are faster than
   * `u64` and `holds`.
   */
  target(address: number, length: number): number {
    const [upper, lower] = this.#little ? [4, 0] : [0, 4]
    const to = this.u32(address + lower)
    return this.u32(address + upper) === upperHalf && to + length <= this.size ? to : -1
  }

  /** An unsigned number of 1, 2, 4 or 8 bytes. */
  unsigned(address: number, size: number): bigint {
    if (size === 8) return this.u64(address)
    if (size === 4) return BigInt(this.u32(address))
    return BigInt(size === 2 ? this.u16(address) : this.u8(address))
  }

  setU8(address: number, value: number): void {
    this.view.setUint8(address, value)
  }

  setU16(address: number, value: number): void {
    this.view.setUint16(address, value, this.#little)
  }

  setU32(address: number, value: number): void {
    this.view.setUint32(address, value, this.#little)
  }

  setU64(address: number, value: bigint): void {
    this.view.setBigUint64(address, BigInt.asUintN(64, value), this.#little)
  }

  /** Writes a number of 1, 2, 4 or 8 bytes. */
  setUnsigned(address: number, size: number, value: bigint): void {
    if (size === 8) this.setU64(address, value)
    else if (size === 4) this.setU32(address, Number(BigInt.asUintN(32, value)))
    else if (size === 2) this.setU16(address, Number(BigInt.asUintN(16, value)))
    else this.setU8(address, Number(BigInt.asUintN(8, value)))
  }

  /**
   * The string at an address; each character is a byte.
   *
   * @param limit - maximum number of bytes; an unterminated string ends there
   */
  string(address: number, limit = 65536): string {
    const end = Math.min(address + limit, this.size)
    let text = ''
    for (let at = address; at < end; at++) {
      const byte = this.bytes[at] ?? 0
      if (byte === 0) break
      text += String.fromCharCode(byte)
    }
    return text
  }

  /** The string at a pointer; null for NULL and for a pointer outside of memory. */
  stringAt(pointer: bigint): string | null {
    return this.holds(pointer, 1) ? this.string(addressOf(pointer)) : null
  }

  /** True if the string at an address is `text`, one byte per character. */
  hasString(address: number, text: string): boolean {
    for (let index = 0; index < text.length; index++)
      if (this.bytes[address + index] !== text.charCodeAt(index)) return false
    return this.bytes[address + text.length] === 0
  }

  /** Writes text, one byte per character, and its terminator. */
  setString(address: number, text: string): void {
    for (let index = 0; index < text.length; index++) this.bytes[address + index] = text.charCodeAt(index)
    this.bytes[address + text.length] = 0
  }
}
