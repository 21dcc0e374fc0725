// SPDX-License-Identifier: GPL-2.0-only
import { CodedError } from '@pfo-workbench/errors'

/**
 * Reason why no compiler can be used.
 *
 * - `not-found`: no clang on the machine, or none at the path that the user gave
 * - `too-old`: clang before 16, whose overlay cannot hide the rest of the file system
 * - `no-target`: clang without one of the targets that are needed
 * - `workspace`: the temporary folder cannot be written
 */
export type ClangErrorCode = 'not-found' | 'too-old' | 'no-target' | 'workspace'

/** The message states what was searched for, what was found, and how to install a suitable compiler. */
export class ClangError extends CodedError<ClangErrorCode> {
  override readonly name = 'ClangError'
}
