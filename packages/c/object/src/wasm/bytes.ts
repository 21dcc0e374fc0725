// SPDX-License-Identifier: GPL-2.0-only

/** A growing byte buffer with WebAssembly's variable-length integers. */
export class ByteWriter {
  private buffer = new Uint8Array(256)
  /** Number of bytes. */
  length = 0

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(1)
    this.buffer[this.length++] = value
  }

  bytes(values: Uint8Array): void {
    if (this.length + values.length > this.buffer.length) this.grow(values.length)
    this.buffer.set(values, this.length)
    this.length += values.length
  }

  /** Appends an unsigned integer below 2^53. */
  unsigned(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  /** Appends a signed 32-bit integer. */
  signed(value: number): void {
    let rest = value | 0
    for (;;) {
      const low = rest & 127
      rest >>= 7
      if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
        this.byte(low)
        return
      }
      this.byte(low | 128)
    }
  }

  /** Appends a signed 64-bit integer. */
  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value)
    if (rest >= -0x80000000n && rest <= 0x7fffffffn) {
      this.signed(Number(rest))
      return
    }
    for (;;) {
      const low = Number(rest & 127n)
      rest >>= 7n
      if ((rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0)) {
        this.byte(low)
        return
      }
      this.byte(low | 128)
    }
  }

  /** Drops all bytes after the first `length`. */
  truncate(length: number): void {
    this.length = length
  }

  /** Returns a copy of the bytes. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length)
  }

  private grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + by))
    larger.set(this.buffer)
    this.buffer = larger
  }
}

/** Size of a 32-bit integer in its longest encoding, which can be overwritten in place. */
export const paddedLength = 5

/** Size of a 64-bit integer in its longest encoding. */
export const paddedLength64 = 10

/** Overwrites five bytes with an integer below 2^32, or below 2^31 if WebAssembly reads the integer as signed. */
export function overwriteUnsigned(bytes: Uint8Array, at: number, value: number): void {
  let rest = value
  for (let i = 0; i < paddedLength; i++) {
    bytes[at + i] = (rest % 128) | (i === paddedLength - 1 ? 0 : 128)
    rest = Math.floor(rest / 128)
  }
}

/** Overwrites ten bytes with a signed 64-bit integer. */
export function overwriteSigned64(bytes: Uint8Array, at: number, value: bigint): void {
  let rest = BigInt.asIntN(64, value)
  for (let i = 0; i < paddedLength64; i++) {
    bytes[at + i] = Number(rest & 127n) | (i === paddedLength64 - 1 ? 0 : 128)
    rest >>= 7n
  }
}
