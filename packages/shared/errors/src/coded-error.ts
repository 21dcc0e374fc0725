// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from './input-error.ts'

/**
 * Base class of errors with a code. Callers decide by the code, users read the message.
 *
 * @typeParam Code - the codes of the package
 */
export abstract class CodedError<Code extends string> extends InputError {
  readonly code: Code

  /** @param message - what failed, where and why, and what is accepted */
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
