// SPDX-License-Identifier: GPL-2.0-only
import type { Edit } from '../support/edits.ts'

/** A harmful patch, and the finding that must detect it. */
export interface BadPatch {
  readonly id: string
  /** The mistake in the patch. */
  readonly title: string
  readonly edits: readonly Edit[]
  /** A finding that the patch must introduce: oracle, kind, subject, and the scenario that shows it. */
  readonly finding: readonly [oracle: string, kind: string, subject: string | RegExp, scenario: string]
}
