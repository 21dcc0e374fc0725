// SPDX-License-Identifier: GPL-2.0-only

/** Number of characters to keep. */
const keptCharacters = 16_384

/** The end of what a child wrote to standard error. */
export class ErrorOutput {
  #text = ''

  /** Adds a piece of the process's output. */
  add(bytes: Buffer): void {
    this.#text = (this.#text + bytes.toString()).slice(-keptCharacters)
  }

  /** The last characters of the output. */
  get text(): string {
    return this.#text
  }

  /** True if the text reports a lack of memory, as V8 does. */
  get reportsLackOfMemory(): boolean {
    return /out of memory|\bOOM\b|Allocation failed/i.test(this.#text)
  }
}
