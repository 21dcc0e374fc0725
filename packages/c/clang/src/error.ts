// SPDX-License-Identifier: GPL-2.0-only
import { CodedError } from '@pfo-workbench/errors'

/**
 * Reason why no compiler can be used.
 *
 * - `not-found`: no clang on the machine, or the program that the user named does not exist or is not clang
 * - `too-old`: clang before 16, whose overlay cannot hide the rest of the file system
 * - `no-target`: clang without one of the targets that are needed
 * - `workspace`: the temporary folder cannot be written
 */
export type ClangErrorCode = 'not-found' | 'too-old' | 'no-target' | 'workspace'

/** The message states which program or folder cannot be used, why, and what to install or change. */
export class ClangError extends CodedError<ClangErrorCode> {
  override readonly name = 'ClangError'
}
