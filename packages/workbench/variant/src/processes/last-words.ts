// SPDX-License-Identifier: GPL-2.0-only

/** How much is kept of what a child says in distress. */
const keptCharacters = 16_384

/** The last that a child says on its standard error. */
export class LastWords {
  #text = ''

  /** Takes what the child wrote. */
  hear(bytes: Buffer): void {
    this.#text = (this.#text + bytes.toString()).slice(-keptCharacters)
  }

  /** The last that it said, as much as is kept. */
  get text(): string {
    return this.#text
  }

  /** Whether they say that memory did not suffice, as V8's do. */
  get areOfMemory(): boolean {
    return /out of memory|\bOOM\b|Allocation failed/i.test(this.#text)
  }
}
