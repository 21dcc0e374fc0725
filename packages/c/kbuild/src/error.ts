// SPDX-License-Identifier: GPL-2.0-only
import { CodedError } from '@pfo-workbench/errors'

/**
 * Reason why a tree cannot be configured.
 *
 * - `kconfig`: Kconfig files cannot be evaluated: a file is missing, or a limit is exceeded
 * - `config`: the user's file is not a configuration, or is for another architecture
 * - `architecture`: the architecture is not supported
 * - `header`: a generated header cannot be made from the tree
 * - `stopped`: the compiler ran out of time, or crashed, while it made a generated header
 * - `cache`: the generated headers cannot be written
 */
export type KbuildErrorCode = 'kconfig' | 'config' | 'architecture' | 'header' | 'stopped' | 'cache'

/** A configuration that cannot be made. The message is one line: what, where, why, and what is accepted. */
export class KbuildError extends CodedError<KbuildErrorCode> {
  override readonly name = 'KbuildError'

  /** True if the next attempt may succeed: nothing is wrong with the tree. Such a failure must not be cached. */
  get isTransient(): boolean {
    return this.code === 'stopped' || this.code === 'cache'
  }
}
