// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'

/** The statuses of findings, what a reviewer has to know first in front. */
export const findingStatuses = ['introduced', 'revealed', 'fixed', 'not-reached', 'kept'] as const

/**
 * What became of a finding against the unpatched kernel, in the same scenario:
 *
 * - `fixed`: the unpatched kernel has it, the variant does not, although its run came through the step
 * - `kept`: both have it
 * - `introduced`: only the variant has it
 * - `revealed`: only the variant shows it, but the patches did not cause it
 * - `not-reached`: the unpatched kernel has it; the variant's run ended before it could arise
 */
export type FindingStatus = (typeof findingStatuses)[number]

/** Why one of the two kernels does not show a finding, although nobody took its cause away. */
export type HiddenBy =
  /** The run of the other kernel ended in this step, in this finding if an oracle has one of it. */
  | { readonly reason: 'run-ended'; readonly step: number; readonly finding?: Finding }
  /** Another finding stands before it: a reference that was stolen is not leaked. */
  | { readonly reason: 'masked'; readonly finding: Finding }
  /** The same defect shows as another finding on the other kernel. */
  | { readonly reason: 'other-symptom'; readonly finding: Finding }
  /** The same call has the same defect on the other kernel in this scenario, and comes to it less often in the one that is judged. */
  | { readonly reason: 'other-scenario'; readonly scenario: string }

/** Whether the variant's run shows a finding: else evidence and objects are those of the unpatched kernel's run. */
export function isShown({ status, hiddenBy }: Pick<JudgedFinding, 'status' | 'hiddenBy'>): boolean {
  return status === 'introduced' || status === 'revealed' || (status === 'kept' && hiddenBy === undefined)
}

/** What there is of a finding on the unpatched kernel, where that is not the same. */
export type Unpatched =
  /** The finding is there, and says something else. */
  | { readonly state: 'differs'; readonly finding: Finding }
  /** Another finding hides it. */
  | { readonly state: 'hidden'; readonly finding: Finding }
  /** A task ended in this step, before the finding could arise. */
  | { readonly state: 'not-reached'; readonly endedIn: number }

/** A finding, held against those of the unpatched kernel. */
export type JudgedFinding = Finding & {
  readonly status: FindingStatus
  readonly unpatched?: Unpatched
  /**
   * Of `revealed`: why the unpatched kernel does not show it. Of `kept`: why the variant does not show it, whose defect is there
   * all the same. Of `not-reached`: what ended the variant's run.
   */
  readonly hiddenBy?: HiddenBy
  /** Whether it is what a variant has more of a finding than the unpatched kernel; `count` is how much more. */
  readonly surplus?: true
}
