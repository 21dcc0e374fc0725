// SPDX-License-Identifier: GPL-2.0-only

/**
 * Base class of the errors that a package throws. Callers decide by the code, users read the message.
 *
 * @typeParam Code - the codes of the package
 */
export abstract class CodedError<Code extends string> extends Error {
  abstract override readonly name: string
  readonly code: Code

  /** @param message - what failed, where and why, and what is accepted */
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
