// SPDX-License-Identifier: GPL-2.0-only
import type { MailFields } from '@pfo-workbench/patch'
import type { Outcome, PlayedStep, RunRecord, Variant } from '@pfo-workbench/run'
import type { StatementExercise } from '@pfo-workbench/variant'
import type { Change } from './changes/change.ts'
import type { Interaction } from './interaction.ts'
import type { Story } from './story-schema.ts'
import type { JudgedFinding } from './verdict/status.ts'
import type { Tally } from './verdict/tally.ts'

/** What became of a variant before and while it ran. */
export type VariantStatus = Variant['status']

/** One variant in one scenario. */
export interface Cell {
  readonly variant: string
  readonly scenario: string
  readonly outcome: Outcome | 'timeout'
  /** Of the outcome `unmodelled`: the function that the engine does not have, and who called it. */
  readonly unmodelled?: NonNullable<RunRecord['unmodelled']>
  /** Functions that the engine only pretends to have, and that were called. */
  readonly assumed: readonly string[]
  /** What the variant has, and what it does not show of the baseline's. `tally` counts them. */
  readonly findings: readonly JudgedFinding[]
  /** What a user could see that is otherwise than on the unpatched kernel, and that no oracle calls wrong. */
  readonly changes: readonly Change[]
  readonly console: readonly string[]
  /** Up to the one in which the run broke off; none if it ran out of time. */
  readonly steps: readonly PlayedStep[]
  /** Null if the run ran out of time. */
  readonly story: Story | null
}

/** What one patch changes. */
export interface PatchDiff {
  /** Id of the patch; the mails of one file share it. */
  readonly id: string
  readonly subject: string
  /** `Name <address>`, or empty. */
  readonly author: string
  /** As written in the mail, or empty. */
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
  /** What the patches change, in the order in which they are applied. */
  readonly diffs: readonly PatchDiff[]
  readonly status: VariantStatus
  /** Why the status is not `ok`. */
  readonly reason?: string
  /** Whether a changed statement ran in any scenario: if none did, nothing can be said about the variant. */
  readonly exercised: boolean
  /** The changed statements, and the scenarios in which each ran; none if only types or comments changed. */
  readonly exercise: readonly StatementExercise[]
  /** Scenarios of which nobody knows what ran: the run took its process down. */
  readonly exerciseUnknown: readonly string[]
  /** How many changes its cells hold. */
  readonly changes: number
  /** 1 is best. A variant that introduces something never ranks above one that does not; what it reveals does not count. */
  readonly rank: number
}

/** The outcome of a comparison: what every report is made from. */
export interface Comparison {
  /** What the engine calls its kernel. */
  readonly kernel: string
  /** Id of the engine. */
  readonly engine: string
  /** Hash of all that comes with the engine: of the unpatched kernel, and of what runs it. */
  readonly origin: string
  /** What compiled the kernel, where that is not part of the workbench. */
  readonly compiler?: string
  /** What the kernel was configured with, where there is a choice. */
  readonly configuration?: string
  /** What was looked for. */
  readonly oracles: readonly { readonly id: string; readonly title: string }[]
  readonly baseline: 'baseline'
  readonly variants: readonly VariantSummary[]
  readonly scenarios: readonly { readonly id: string; readonly title: string }[]
  /** In the order of variants, then scenarios; none for variants that could not be run. */
  readonly cells: readonly Cell[]
  /** In the order of variants. */
  readonly interactions: readonly Interaction[]
}
