// SPDX-License-Identifier: GPL-2.0-only
import type { Range } from '@pfo-workbench/image'

/** Values of the shadow: reasons why bytes must not be accessed. See `kasanStackRedzone` for the stack. */
export const shadowReasons = {
  /** Never allocated. */
  unallocated: 0xff,
  /** Before or after an object. */
  redzone: 0xfa,
  freed: 0xfd,
} as const

/**
 * One byte for each 8 bytes of C memory, which says how many of them may be accessed. The code checks it before each
 * access.
 */
export class Shadow {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly #start: number

  constructor(buffer: ArrayBuffer, { start }: Range) {
    this.bytes = new Uint8Array(buffer)
    this.#start = start
  }

  /** Allows bytes. The address is a multiple of 8. */
  allow(address: number, length: number): void {
    const first = this.#start + (address >> 3)
    const whole = length >> 3
    this.bytes.fill(0, first, first + whole)
    const rest = length & 7
    if (rest !== 0) this.bytes[first + whole] = rest
  }

  /** Forbids bytes, with a reason. The address is a multiple of 8; the length is rounded up to a multiple of 8. */
  forbid(address: number, length: number, reason: number): void {
    const first = this.#start + (address >> 3)
    this.bytes.fill(reason, first, this.#start + ((address + length + 7) >> 3))
  }

  /** The shadow byte of an address. */
  at(address: number): number {
    return this.bytes[this.#start + (address >> 3)] ?? shadowReasons.unallocated
  }

  /** The first byte of a range that must not be accessed; -1 if all may be. */
  firstForbidden(address: number, length: number): number {
    const end = address + length
    for (let at = address; at < end; at = (at | 7) + 1) {
      const allowed = this.at(at)
      if (allowed === 0) continue
      if (allowed > 7) return at
      const forbidden = (at & ~7) + allowed
      const inBlock = Math.max(at, forbidden)
      if (inBlock < end) return inBlock
    }
    return -1
  }

  /** Location of the shadow of a range of memory. */
  range(address: number, length: number): Range {
    return { start: this.#start + (address >> 3), end: this.#start + ((address + length + 7) >> 3) }
  }
}
