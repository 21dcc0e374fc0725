// SPDX-License-Identifier: GPL-2.0-only

/**
 * Why a patch was refused.
 *
 * - `empty`: no diff in the text
 * - `encoding`: not UTF-8, or a transfer encoding that does not decode
 * - `nul`: NUL bytes
 * - `too-large`: over `maxPatchLength`
 * - `malformed`: a hunk or file header that does not parse, or whose line counts are wrong
 * - `path`: a file that patches may not touch, an absolute path, `..`
 * - `mode`, `symlink`, `submodule`, `binary`, `rename`: changes of a kind that sources cannot have
 * - `c-patch`: a patch against the kernel's C sources
 */
export type PatchErrorCode =
  | 'empty'
  | 'encoding'
  | 'nul'
  | 'too-large'
  | 'malformed'
  | 'path'
  | 'mode'
  | 'symlink'
  | 'submodule'
  | 'binary'
  | 'rename'
  | 'c-patch'

/** A patch that is not accepted. The message says what, where and why, and what would be accepted. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  readonly code: PatchErrorCode
  /** Where the patch came from, as its reader named it. */
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
