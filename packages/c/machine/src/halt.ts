// SPDX-License-Identifier: GPL-2.0-only

/** Why a task stops for good. */
export type HaltReason = 'oops' | 'deadlock' | 'unmodelled'

/**
 * Thrown where a task stops for good. It unwinds C to the entry of the task. Nothing on the way catches it, as the kernel
 * cleans nothing up either: locks stay held.
 */
export class Halt extends Error {
  override readonly name = 'Halt'
  readonly outcome: HaltReason

  constructor(outcome: HaltReason, reason: string) {
    super(reason)
    this.outcome = outcome
  }
}
