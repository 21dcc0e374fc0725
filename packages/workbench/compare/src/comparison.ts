// SPDX-License-Identifier: GPL-2.0-only
import type { MailFields } from '@pfo-workbench/patch'
import type { Outcome, PlayedStep, RunRecord, Variant } from '@pfo-workbench/run'
import type { StatementExercise } from '@pfo-workbench/variant'
import type { Change } from './changes/change.ts'
import type { Interaction } from './interaction.ts'
import type { Story } from './story-schema.ts'
import type { JudgedFinding } from './verdict/status.ts'
import type { Tally } from './verdict/tally.ts'

/** Result of building and running a variant. */
export type VariantStatus = Variant['status']

/** One variant in one scenario. */
export interface Cell {
  readonly variant: string
  readonly scenario: string
  readonly outcome: Outcome | 'timeout'
  /** For the outcome `unmodelled`: the missing function and its callers. */
  readonly unmodelled?: NonNullable<RunRecord['unmodelled']>
  /** Called functions that the engine replaces by a fixed result. */
  readonly assumed: readonly string[]
  /** Findings of the variant, and those of the unpatched kernel that the variant does not show. `tally` counts them. */
  readonly findings: readonly JudgedFinding[]
  /** Visible differences from the unpatched kernel that no oracle reports. */
  readonly changes: readonly Change[]
  readonly console: readonly string[]
  /** Steps up to the one in which the run broke off; empty if it timed out. */
  readonly steps: readonly PlayedStep[]
  /** Null if the run timed out, or if the comparison was made without stories. */
  readonly story: Story | null
}

/** The content of one patch. */
export interface PatchDiff {
  /** Id of the patch; mails from the same file share it. */
  readonly id: string
  readonly subject: string
  /** `Name <address>`, or empty. */
  readonly author: string
  /** The date as written in the mail; empty if it has none. */
  readonly date: string
  /** Header of the mail; null for a diff without a mail. */
  readonly mail: MailFields | null
  /** The commit message below the subject, or empty. */
  readonly body: string
  /** A unified diff. */
  readonly text: string
}

/** One variant over all scenarios. */
export interface VariantSummary extends Tally {
  readonly id: string
  readonly title: string
  readonly patches: readonly string[]
  /** The patches' contents, in order of application. */
  readonly diffs: readonly PatchDiff[]
  readonly status: VariantStatus
  /** Explanation of a status other than `ok`. */
  readonly reason?: string
  /**
   * True if a changed statement ran in any scenario, and for the unpatched kernel. If false, the results say nothing
   * about the variant.
   */
  readonly exercised: boolean
  /**
   * The changed statements and the scenarios in which each ran. Empty if only types or comments changed, or if the
   * variant could not be built.
   */
  readonly exercise: readonly StatementExercise[]
  /** Scenarios whose coverage is unknown because the run killed its process. */
  readonly exerciseUnknown: readonly string[]
  /** Number of changes in its cells. */
  readonly changes: number
  /**
   * 1 is best. A variant that introduces a finding never ranks above one that introduces none; revealed findings do not
   * count.
   */
  readonly rank: number
}

/** A requested scenario that the engine cannot play. */
export interface LeftOutScenario {
  readonly id: string
  readonly title: string
  /** The reason, and a kernel that could play it. */
  readonly reason: string
}

/** The result of a comparison; all reports are made from it. */
export interface Comparison {
  /** The engine's name for its kernel. */
  readonly kernel: string
  /** Id of the engine. */
  readonly engine: string
  /** Hash of the unpatched kernel and of the code that runs it. */
  readonly origin: string
  /** The compiler that built the kernel; absent for the models. */
  readonly compiler?: string
  /** Configuration of the kernel, if there is a choice. */
  readonly configuration?: string
  /** The oracles that were applied. */
  readonly oracles: readonly { readonly id: string; readonly title: string }[]
  readonly baseline: 'baseline'
  readonly variants: readonly VariantSummary[]
  readonly scenarios: readonly { readonly id: string; readonly title: string }[]
  /** Scenarios that were not played, if any. */
  readonly leftOut?: readonly LeftOutScenario[]
  /** Ordered by variant, then scenario; none for variants that could not be run. */
  readonly cells: readonly Cell[]
  /** Ordered by variant. */
  readonly interactions: readonly Interaction[]
}
