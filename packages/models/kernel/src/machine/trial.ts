// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from './halt.ts'

/**
 * Kernel code that runs for what it would say: nothing that happens is recorded, and what it changes is undone at its end. That
 * covers what changes in one place of the models: counters, locks, allocations, bytes, queued work. A variable that kernel code
 * assigns by itself stays changed.
 */
export class Trial {
  /** Undoes the changes so far, the last one last. */
  readonly undo: (() => void)[] = []
  /** Whether freed memory was read or written. */
  usedFreed = false
}

/** What came of a trial. */
export type TrialResult<T> = {
  /** Whether freed memory was read or written on the way. */
  readonly usedFreed: boolean
} & (
  { readonly outcome: 'completed'; readonly value: T } | { readonly outcome: Exclude<Outcome, 'completed'> }
)
