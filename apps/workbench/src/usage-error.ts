// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from '@pfo-workbench/errors'

/** The command line asks for something that does not exist or cannot be done. */
export class UsageError extends InputError {
  override readonly name = 'UsageError'
}
