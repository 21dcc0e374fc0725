// SPDX-License-Identifier: GPL-2.0-only
import type { Edit } from '../support/edits.ts'

/** A patch that does harm, and what of it has to be noticed. */
export interface BadPatch {
  readonly id: string
  /** What it does wrong. */
  readonly title: string
  readonly edits: readonly Edit[]
  /** A finding that it has to introduce: oracle, kind, subject, and the scenario in which it is looked for. */
  readonly finding: readonly [oracle: string, kind: string, subject: string | RegExp, scenario: string]
}
