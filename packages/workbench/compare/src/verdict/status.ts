// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'

/** The statuses of findings, most important for a reviewer first. */
export const findingStatuses = ['introduced', 'revealed', 'fixed', 'not-reached', 'kept'] as const

/**
 * Verdict on a finding, compared with the unpatched kernel in the same scenario:
 *
 * - `fixed`: the unpatched kernel has it; the variant, whose run completed the step, does not
 * - `kept`: both have it
 * - `introduced`: only the variant has it
 * - `revealed`: only the variant shows it, but the patches did not cause it
 * - `not-reached`: the unpatched kernel has it; the variant's run ended before it could arise
 */
export type FindingStatus = (typeof findingStatuses)[number]

/** The reason why one of the two kernels does not show a finding although its cause is still there. */
export type HiddenBy =
  /** The run of the other kernel ended in this step, through this finding if an oracle reports one. */
  | { readonly reason: 'run-ended'; readonly step: number; readonly finding?: Finding }
  /** Another finding masks it. Example: a stolen reference does not show as a leak. */
  | { readonly reason: 'masked'; readonly finding: Finding }
  /** The same bug shows as another finding on the other kernel. */
  | { readonly reason: 'other-symptom'; readonly finding: Finding }
  /**
   * The other kernel has the same bug in the same call in this scenario, but makes the call less often in the judged
   * scenario.
   */
  | { readonly reason: 'other-scenario'; readonly scenario: string }

/**
 * True if the variant's run shows the finding. Otherwise evidence and objects are those of the unpatched kernel's run.
 */
export function isShown({ status, hiddenBy }: Pick<JudgedFinding, 'status' | 'hiddenBy'>): boolean {
  return status === 'introduced' || status === 'revealed' || (status === 'kept' && hiddenBy === undefined)
}

/** The finding on the unpatched kernel, if it is not the same there. */
export type Unpatched =
  /** The finding exists, with other data. */
  | { readonly state: 'differs'; readonly finding: Finding }
  /** Another finding hides it. */
  | { readonly state: 'hidden'; readonly finding: Finding }
  /** The run of the unpatched kernel broke off in this step, before the finding could arise. */
  | { readonly state: 'not-reached'; readonly endedIn: number }

/** A finding, compared with those of the unpatched kernel. */
export type JudgedFinding = Finding & {
  readonly status: FindingStatus
  readonly unpatched?: Unpatched
  /**
   * For `revealed`: the reason why the unpatched kernel does not show it. For `kept`: the reason why the variant does
   * not show it although it has the bug. For `not-reached`: what ended the variant's run.
   */
  readonly hiddenBy?: HiddenBy
  /** True if this is the surplus of a finding over the unpatched kernel; `count` is the difference. */
  readonly surplus?: true
}
