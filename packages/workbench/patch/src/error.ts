// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from '@pfo-workbench/errors'

/**
 * The reason why an input was refused.
 *
 * - `empty`: no content
 * - `no-diff`: a text without a diff
 * - `cover-letter`: only cover letters
 * - `quoted`: a reply that quotes a diff
 * - `web-page`, `compressed`, `not-text`: neither a mail nor a diff
 * - `encoding`: bytes that are invalid in the declared character set or transfer encoding
 * - `too-large`: over a limit
 * - `malformed`: a hunk or file header that cannot be parsed or has wrong line counts
 * - `path`: a file that the caller does not accept, an absolute path, `..`
 * - `moved`: a file that has another path now
 * - `mode`, `symlink`, `submodule`, `binary`, `rename`: unsupported kinds of changes
 * - `c-patch`: a patch for the kernel's C files, if the caller does not accept those
 * - `unreadable`: the file cannot be opened or read
 */
export type PatchErrorCode =
  | 'empty'
  | 'no-diff'
  | 'cover-letter'
  | 'quoted'
  | 'web-page'
  | 'compressed'
  | 'not-text'
  | 'encoding'
  | 'too-large'
  | 'malformed'
  | 'path'
  | 'moved'
  | 'mode'
  | 'symlink'
  | 'submodule'
  | 'binary'
  | 'rename'
  | 'c-patch'
  | 'unreadable'

/** A refused input. The message says what is wrong, where and why, and what is accepted. */
export class PatchError extends InputError {
  override readonly name = 'PatchError'
  readonly code: PatchErrorCode
  /** Name of the input, as given by the caller. */
  readonly source: string
  /** For `c-patch`: the kernel functions that the patch touches. */
  readonly functions: readonly string[]

  constructor(code: PatchErrorCode, source: string, message: string, functions: readonly string[] = []) {
    super(message)
    this.code = code
    this.source = source
    this.functions = functions
  }
}
