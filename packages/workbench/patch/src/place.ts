// SPDX-License-Identifier: GPL-2.0-only
import { PatchError, type PatchErrorCode } from './error.ts'

/** Where the lines of one mail's body stand in the source. */
export interface PlaceOptions {
  readonly source: string
  /** Line number in the source of the body's first line; null when the body had to be decoded. */
  readonly firstLine: number | null
  /** Whether the mail was sent with format=flowed. */
  readonly flowed: boolean
}

/** Makes errors that name the line of the source. */
export class Place {
  readonly source: string
  readonly flowed: boolean
  readonly #firstLine: number | null

  constructor({ source, firstLine, flowed }: PlaceOptions) {
    this.source = source
    this.flowed = flowed
    this.#firstLine = firstLine
  }

  /** Line number that `index` has in the source, or in the decoded text if there is no such line in the source. */
  line(index: number): number {
    return (this.#firstLine ?? 1) + index
  }

  /**
   * @param index - the body's line that is at fault
   * @param message - what is wrong and what is accepted
   */
  error(code: PatchErrorCode, index: number, message: string): PatchError {
    const decoded = this.#firstLine === null ? ' (line of the decoded text)' : ''
    return new PatchError(
      code,
      this.source,
      `${this.source}:${String(this.line(index))}${decoded}: ${message}`,
    )
  }
}
