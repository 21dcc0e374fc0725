// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { Outcome, PlayedStep, Variant } from '@pfo-workbench/run'
import type { StatementExercise } from '@pfo-workbench/variant'
import type { Change } from './changes/change.ts'
import type { JudgedFinding } from './verdict/status.ts'

/** What became of a variant before and while it ran. */
export type VariantStatus = Variant['status']

/** A device tree node at a moment of a run, in the tree or not. */
export interface TreeNode {
  /** `/path[generation]`, as in the subjects of findings. */
  readonly node: string
  readonly path: string
  readonly life: 'allocated' | 'released' | 'freed'
  readonly inTree: boolean
  readonly flags: readonly string[]
  readonly refcount: number
  readonly phandle: number
  readonly sysfs: string | null
  /** The vio device that refers to it, and the driver bound to that. */
  readonly device: string | null
  readonly driver: string | null
}

/** A reference that was taken or dropped. */
export interface CountPoint {
  /** Position in the run. */
  readonly seq: number
  readonly step: number
  /** The count afterwards. */
  readonly count: number
  /** By how much it changed: 0 for a counter that is saturated. */
  readonly change: number
  /** The function that the reference was taken or dropped for. */
  readonly by: string
}

/** The reference count of a node over a run, from the boot on. */
export interface NodeCounts {
  readonly node: string
  readonly points: readonly CountPoint[]
}

/** What a run did to the device tree. */
export interface Story {
  /** The nodes after the boot, and at the end. */
  readonly trees: { readonly before: readonly TreeNode[]; readonly after: readonly TreeNode[] }
  /** Of the nodes whose count changed after the boot. */
  readonly counts: readonly NodeCounts[]
}

/** One variant in one scenario. */
export interface Cell {
  readonly variant: string
  readonly scenario: string
  readonly outcome: Outcome | 'timeout'
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
  /** The commit message below the subject, or empty. */
  readonly body: string
  /** A unified diff. */
  readonly text: string
}

/**
 * What the patches of a variant do to each other, or to a finding:
 *
 * - `combination`: a finding that only arises with these patches together; each alone does not have it
 * - `redundant`: without this patch the stack does the same
 * - `hides`: a finding that is gone in one scenario and back when the same scenario goes on, or that another one masks
 * - `order`: in another order the patches do not apply, or do something else
 */
export type InteractionKind = 'combination' | 'redundant' | 'hides' | 'order'

/** What a finding is called: its key in two parts. */
export type FindingName = Pick<Finding, 'oracle' | 'subject'>

/** What patches of one stack do to each other. */
export interface Interaction {
  readonly variant: string
  readonly kind: InteractionKind
  /** The patches that it is due to. */
  readonly patches: readonly string[]
  /** The finding, if it is about one. */
  readonly finding?: FindingName
  /** Where it shows, if in one scenario. */
  readonly scenario?: string
  /** One sentence. */
  readonly message: string
}

/** One variant over all scenarios. */
export interface VariantSummary {
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
  /** The changed statements, and in how many scenarios each ran; none if only types or comments changed. */
  readonly exercise: readonly StatementExercise[]
  /** Scenarios of which nobody knows what ran: the run took its process down. */
  readonly exerciseUnknown: readonly string[]
  readonly fixed: number
  readonly kept: number
  readonly introduced: number
  readonly revealed: number
  readonly notReached: number
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
  readonly baseline: 'baseline'
  readonly variants: readonly VariantSummary[]
  readonly scenarios: readonly { readonly id: string; readonly title: string }[]
  /** In the order of variants, then scenarios; none for variants that could not be run. */
  readonly cells: readonly Cell[]
  /** In the order of variants. */
  readonly interactions: readonly Interaction[]
}
