// SPDX-License-Identifier: GPL-2.0-only

/** The kind of bad input. */
export type CheckErrorCode = 'bad-contracts' | 'bad-document'

/** Bad input. One message says what is wrong, where, why, and what is accepted. */
export class CheckError extends Error {
  override readonly name = 'CheckError'
  readonly code: CheckErrorCode

  constructor(code: CheckErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
