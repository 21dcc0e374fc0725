// SPDX-License-Identifier: GPL-2.0-only
import { advance, be32_to_cpup, readByte, text, writeByte, type cstr } from '@pfo-workbench/kernel'
import { RTAS_DATA_BUF_SIZE } from './rtas.ts'

/** Writes a big-endian word at `p + 4 * index`. */
export function putWord(p: cstr, index: number, value: number): void {
  for (let byte = 0; byte < 4; byte++) writeByte(p, index * 4 + byte, (value >>> (24 - 8 * byte)) & 0xff)
}

/**
 * A way through what firmware left in a work area. It believes firmware, as the kernel does: behind the area all is zero
 * here, and only `isThrough` tells.
 */
export class AreaReader {
  readonly #area: cstr
  #at: number

  /**
   * @param area - of `RTAS_DATA_BUF_SIZE` bytes
   * @param start - byte to begin with
   */
  constructor(area: cstr, start: number) {
    this.#area = area
    this.#at = start
  }

  /** What comes next. */
  get here(): cstr {
    return advance(this.#area, this.#at)
  }

  /** Whether the end of the area was reached or passed. */
  get isThrough(): boolean {
    return this.#at >= RTAS_DATA_BUF_SIZE
  }

  get isAtEmptyString(): boolean {
    return readByte(this.here, 0) === 0
  }

  /** A big-endian word, wherever it begins. */
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

  /** Leaves bytes out. */
  passOver(count: number): void {
    this.#at += count
  }
}
