// SPDX-License-Identifier: GPL-2.0-only
import { CodedError } from '@pfo-workbench/errors'

/** The kind of bad input. */
export type CheckErrorCode = 'bad-contracts' | 'bad-document'

/** Bad input. One message says what is wrong, where, why, and what is accepted. */
export class CheckError extends CodedError<CheckErrorCode> {
  override readonly name = 'CheckError'
}
