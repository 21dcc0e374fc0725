// SPDX-License-Identifier: GPL-2.0-only
import { CodedError } from '@pfo-workbench/errors'

/**
 * Errors that concern all variants. A patch that does not apply or does not compile is not an error: its variant gets
 * the status `conflict` or `invalid`.
 *
 * - `sources`: the unpatched sources cannot be read, or a package is not installed
 * - `merge`: git, which merges patches, cannot be used
 * - `disposed`: the builder was already disposed of
 * - `sandbox`: the process for the variants does not start
 */
export type VariantErrorCode = 'sources' | 'merge' | 'disposed' | 'sandbox'

/** The message says what failed, where and why, and what would be accepted. */
export class VariantError extends CodedError<VariantErrorCode> {
  override readonly name = 'VariantError'
}
