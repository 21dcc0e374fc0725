// SPDX-License-Identifier: GPL-2.0-only
import { advance, be32_to_cpup, readByte, text, writeByte, type cstr } from '@pfo-workbench/kernel'
import { RTAS_DATA_BUF_SIZE } from './rtas.ts'

/** Writes a big-endian word at `p + 4 * index`. */
export function putWord(p: cstr, index: number, value: number): void {
  for (let byte = 0; byte < 4; byte++) writeByte(p, index * 4 + byte, (value >>> (24 - 8 * byte)) & 0xff)
}

/**
 * Reads firmware's data in a work area sequentially. It trusts firmware like the kernel. Bytes past the end read as
 * zero; only `isThrough` reports the end.
 */
export class AreaReader {
  readonly #area: cstr
  #at: number

  /**
   * @param area - of `RTAS_DATA_BUF_SIZE` bytes
   * @param start - offset of the first byte
   */
  constructor(area: cstr, start: number) {
    this.#area = area
    this.#at = start
  }

  /** The current position. */
  get here(): cstr {
    return advance(this.#area, this.#at)
  }

  /** True if the position is at or past the end of the area. */
  get isThrough(): boolean {
    return this.#at >= RTAS_DATA_BUF_SIZE
  }

  get isAtEmptyString(): boolean {
    return readByte(this.here, 0) === 0
  }

  /** A big-endian word at any alignment. */
  nextWord(): number {
    const word = be32_to_cpup(this.here)
    this.passOver(4)
    return word
  }

  /** A string with its terminator. */
  nextString(): cstr {
    const string = this.here
    this.passOver(text(string).length + 1)
    return string
  }

  /** Skips bytes. */
  passOver(count: number): void {
    this.#at += count
  }
}
