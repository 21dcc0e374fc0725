// SPDX-License-Identifier: GPL-2.0-only

/** Number of characters to keep. */
const keptCharacters = 16_384

/** The end of a child's error output. */
export class LastWords {
  #text = ''

  /** Adds error output. */
  hear(bytes: Buffer): void {
    this.#text = (this.#text + bytes.toString()).slice(-keptCharacters)
  }

  /** The end of the output, as far as it is kept. */
  get text(): string {
    return this.#text
  }

  /** True if the text reports a lack of memory, as V8 does. */
  get areOfMemory(): boolean {
    return /out of memory|\bOOM\b|Allocation failed/i.test(this.#text)
  }
}
