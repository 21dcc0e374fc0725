// SPDX-License-Identifier: GPL-2.0-only

/** Bytes that grow, with WebAssembly's variable-length integers. */
export class ByteWriter {
  private buffer = new Uint8Array(256)
  /** How many bytes there are. */
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

  /** An unsigned integer below 2^53. */
  unsigned(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.byte((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  /** A signed integer of 32 bits. */
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

  /** A signed integer of 64 bits. */
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

  /** Throws away all after so many bytes. */
  truncate(length: number): void {
    this.length = length
  }

  /** A copy of the bytes. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length)
  }

  private grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + by))
    larger.set(this.buffer)
    this.buffer = larger
  }
}

/** Bytes of an integer of 32 bits in its longest form, which can be written over. */
export const paddedLength = 5

/** Bytes of an integer of 64 bits in its longest form. */
export const paddedLength64 = 10

/** Writes an integer below 2^32 over five bytes. Its high bit must be free where the integer is signed. */
export function patchUnsigned(bytes: Uint8Array, at: number, value: number): void {
  let rest = value
  for (let i = 0; i < paddedLength; i++) {
    bytes[at + i] = (rest % 128) | (i === paddedLength - 1 ? 0 : 128)
    rest = Math.floor(rest / 128)
  }
}

/** Writes a signed integer of 64 bits over ten bytes. */
export function patchSigned64(bytes: Uint8Array, at: number, value: bigint): void {
  let rest = BigInt.asIntN(64, value)
  for (let i = 0; i < paddedLength64; i++) {
    bytes[at + i] = Number(rest & 127n) | (i === paddedLength64 - 1 ? 0 : 128)
    rest >>= 7n
  }
}
