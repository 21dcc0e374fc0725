// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from './halt.ts'

/**
 * Kernel code that runs only to see its result. Nothing is recorded. At the end, changes of counters, locks,
 * allocations, bytes and queued work are undone. Plain assignments to variables by kernel code are not undone.
 */
export class Trial {
  /** Undo functions, in order of the changes. They run in reverse order. */
  readonly undo: (() => void)[] = []
  /** True if the trial accessed freed memory. */
  usedFreed = false
}

/** Result of a trial. */
export type TrialResult<T> = {
  /** True if the trial accessed freed memory. */
  readonly usedFreed: boolean
} & (
  { readonly outcome: 'completed'; readonly value: T } | { readonly outcome: Exclude<Outcome, 'completed'> }
)
