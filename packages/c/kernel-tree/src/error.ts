// SPDX-License-Identifier: GPL-2.0-only
import { CodedError } from '@pfo-workbench/errors'

/**
 * Reason why a tree cannot be used.
 *
 * - `argument`: the argument names no existing folder, or has no commit after the `@`, or names a commit although the
 *   folder is not in a repository
 * - `commit`: the repository has no such commit
 * - `not-a-kernel`: there is no Makefile with VERSION and PATCHLEVEL
 * - `too-old`: the kernel is older than 4.18
 * - `partial-clone`: git would have to fetch objects into the user's repository
 * - `repository`: git is missing, or cannot read the repository
 * - `unreadable`: the file system refuses a read or a write
 */
export type KernelTreeErrorCode =
  'argument' | 'commit' | 'not-a-kernel' | 'too-old' | 'partial-clone' | 'repository' | 'unreadable'

/** A tree that cannot be used. The message is one line: what, where, why, and what is accepted. */
export class KernelTreeError extends CodedError<KernelTreeErrorCode> {
  override readonly name = 'KernelTreeError'
}
