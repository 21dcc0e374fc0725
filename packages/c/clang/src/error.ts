// SPDX-License-Identifier: GPL-2.0-only

/**
 * Why there is no compiler, or why it cannot work.
 *
 * - `not-found`: no clang on the machine, or none where the user says
 * - `too-old`: a clang before 16, which has no overlay that hides the rest of the machine
 * - `no-target`: a clang without PowerPC
 * - `workspace`: the temporary folder cannot be written
 */
export type ClangErrorCode = 'not-found' | 'too-old' | 'no-target' | 'workspace'

/** The message says what was looked for, what was found, and how to install what is needed. */
export class ClangError extends Error {
  override readonly name = 'ClangError'
  readonly code: ClangErrorCode

  constructor(code: ClangErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
