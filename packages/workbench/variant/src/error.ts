// SPDX-License-Identifier: GPL-2.0-only

/**
 * What went wrong around the variants, as opposed to in one of them: a patch that does not apply or does not compile is a
 * variant with that status, not an error.
 *
 * - `sources`: the unpatched sources cannot be read, or a package is not installed
 * - `merge`: git, which merges patches, cannot be used
 * - `temporary`: no folder for temporary files can be made, or it is full
 * - `disposed`: the builder was disposed of
 * - `sandbox`: the process that is to run variants does not start
 */
export type VariantErrorCode = 'sources' | 'merge' | 'temporary' | 'disposed' | 'sandbox'

/** The message says what, where and why, and what would be accepted. */
export class VariantError extends Error {
  override readonly name = 'VariantError'
  readonly code: VariantErrorCode

  constructor(code: VariantErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
