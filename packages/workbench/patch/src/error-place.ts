// SPDX-License-Identifier: GPL-2.0-only
import { PatchError, type PatchErrorCode } from './error.ts'

/** Position of a mail body's lines in the source. */
export interface PlaceOptions {
  readonly source: string
  /** Line number of the body's first line in the source; null if the body had to be decoded. */
  readonly firstLine: number | null
  /** True if the mail was sent with format=flowed. */
  readonly flowed: boolean
}

/** Makes errors that name the line of the source. */
export class ErrorPlace {
  readonly source: string
  readonly flowed: boolean
  readonly #firstLine: number | null

  constructor({ source, firstLine, flowed }: PlaceOptions) {
    this.source = source
    this.flowed = flowed
    this.#firstLine = firstLine
  }

  /** Line number of `index` in the source; in the decoded text if the source has no such line. */
  line(index: number): number {
    return (this.#firstLine ?? 1) + index
  }

  /**
   * @param index - index of the faulty body line
   * @param message - the fault, and what is accepted
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
