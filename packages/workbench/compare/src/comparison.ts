// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'

/** What became of a variant before and while it ran. */
export type VariantStatus = 'ok' | 'conflict' | 'invalid' | 'crashed' | 'timeout'

/** Against the baseline, in the same scenario: gone, still there, or new. */
export type FindingStatus = 'fixed' | 'kept' | 'introduced'

export interface JudgedFinding extends Finding {
  readonly status: FindingStatus
  /** How it was on the unpatched kernel, where that is not what `message` says. */
  readonly before?: string
}

/** One variant in one scenario. */
export interface Cell {
  readonly variant: string
  readonly scenario: string
  readonly outcome: 'completed' | 'deadlock' | 'oops' | 'timeout'
  /** What the variant has, and what it fixed of the baseline's. */
  readonly findings: readonly JudgedFinding[]
  readonly console: readonly string[]
}

/** One variant over all scenarios. */
export interface VariantSummary {
  readonly id: string
  readonly title: string
  readonly patches: readonly string[]
  readonly status: VariantStatus
  /** Why the status is not `ok`. */
  readonly reason?: string
  /** False if no changed line ran in any scenario: then nothing can be said about the variant. What died is not accused of it. */
  readonly exercised: boolean
  readonly fixed: number
  readonly kept: number
  readonly introduced: number
  /** 1 is best. A variant that introduces something never ranks above one that does not. */
  readonly rank: number
}

/** The outcome of a comparison: what every report is made from. */
export interface Comparison {
  readonly kernel: 'v4.18'
  readonly baseline: 'baseline'
  readonly variants: readonly VariantSummary[]
  readonly scenarios: readonly { readonly id: string; readonly title: string }[]
  /** In the order of variants, then scenarios; none for variants that could not be run. */
  readonly cells: readonly Cell[]
}
