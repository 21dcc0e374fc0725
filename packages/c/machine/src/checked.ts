// SPDX-License-Identifier: GPL-2.0-only
import { dataBase } from '@pfo-workbench/object'
import { addressOf, type Memory } from './memory.ts'
import type { Shadow } from './shadow.ts'

/** Called for an access that the shadow forbids. Returns if the kernel continues, and throws if the task ends. */
export type BadAccess = (pointer: bigint, size: number, write: boolean) => void

/** Maximum length of a string that is read from C memory. */
const longestString = 1 << 20

/**
 * C memory for host functions. Each access is checked, like those of C code. If the kernel survives an invalid access,
 * the access continues with the current content.
 */
export class CheckedMemory {
  readonly #memory: Memory
  readonly #shadow: Shadow
  readonly #badAccess: BadAccess

  constructor(memory: Memory, shadow: Shadow, badAccess: BadAccess) {
    this.#memory = memory
    this.#shadow = shadow
    this.#badAccess = badAccess
  }

  /** Checks an access of any length. @returns its address */
  check(pointer: bigint, length: number, write: boolean): number {
    if (length <= 0) return addressOf(pointer)
    if (!this.#memory.holds(pointer, length)) {
      this.#badAccess(pointer, length, write)
      return addressOf(pointer)
    }
    const address = addressOf(pointer)
    const forbidden = this.#shadow.firstForbidden(address, length)
    if (forbidden >= 0) this.#badAccess(dataBase + BigInt(forbidden), 1, write)
    return address
  }

  u8(pointer: bigint): number {
    return this.#memory.u8(this.check(pointer, 1, false))
  }

  u32(pointer: bigint): number {
    return this.#memory.u32(this.check(pointer, 4, false))
  }

  s32(pointer: bigint): number {
    return this.#memory.s32(this.check(pointer, 4, false))
  }

  u64(pointer: bigint): bigint {
    return this.#memory.u64(this.check(pointer, 8, false))
  }

  setU8(pointer: bigint, value: number): void {
    this.#memory.setU8(this.check(pointer, 1, true), value)
  }

  setU32(pointer: bigint, value: number): void {
    this.#memory.setU32(this.check(pointer, 4, true), value)
  }

  setU64(pointer: bigint, value: bigint): void {
    this.#memory.setU64(this.check(pointer, 8, true), value)
  }

  /** Bytes for reading, or for reading and writing: a view, not a copy. */
  bytes(pointer: bigint, length: number, write: boolean): Uint8Array {
    const address = this.check(pointer, length, write)
    return this.#memory.bytes.subarray(address, address + length)
  }

  /** Length of a string without its terminator, checked byte by byte. */
  stringLength(pointer: bigint): number {
    let length = 0
    while (length < longestString && this.u8(pointer + BigInt(length)) !== 0) length++
    return length
  }

  /** A string; each character is a byte. Empty for NULL, which kernels print as `(null)`. */
  string(pointer: bigint): string {
    if (pointer === 0n) return ''
    const length = this.stringLength(pointer)
    return this.#memory.string(addressOf(pointer), length)
  }
}
