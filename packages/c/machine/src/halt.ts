// SPDX-License-Identifier: GPL-2.0-only

/** Reason why a task stops forever. */
export type HaltReason = 'oops' | 'deadlock' | 'unmodelled'

/**
 * Thrown when a task stops forever. It unwinds C code to the entry of the task. No code catches it in between, because
 * the kernel cleans nothing up either: locks stay held.
 */
export class Halt extends Error {
  override readonly name = 'Halt'
  readonly outcome: HaltReason

  constructor(outcome: HaltReason, reason: string) {
    super(reason)
    this.outcome = outcome
  }
}
