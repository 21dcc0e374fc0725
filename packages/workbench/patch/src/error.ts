// SPDX-License-Identifier: GPL-2.0-only

/**
 * Why an input was refused.
 *
 * - `empty`: nothing in it
 * - `no-diff`: a text without a diff
 * - `cover-letter`: the mails are cover letters only
 * - `quoted`: a reply that quotes a diff
 * - `web-page`, `compressed`, `not-text`: not a mail and not a diff
 * - `encoding`: bytes that are not of the character set or transfer encoding that the mail declares
 * - `too-large`: over a limit
 * - `malformed`: a hunk or file header that does not parse, or whose line counts are wrong
 * - `path`: a file that the caller does not accept, an absolute path, `..`
 * - `moved`: a file that has another path today
 * - `mode`, `symlink`, `submodule`, `binary`, `rename`: kinds of change that are not accepted
 * - `c-patch`: a patch of the kernel's C files where the caller does not take them
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

/** An input that is not accepted. The message says what, where and why, and what is accepted. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly code: PatchErrorCode
  /** Name of the input, as its reader gave it. */
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
