// SPDX-License-Identifier: GPL-2.0-only

/** How a machine stands: nothing happened, a task was killed by an Oops, or a task waits for ever. */
export type Outcome = 'completed' | 'oops' | 'deadlock'

/**
 * Thrown where a task stops for good. It unwinds the JavaScript stack to the task's entry; nothing on the way may
 * catch it or clean up behind it, because the kernel does not either: locks stay held.
 */
export class Halt extends Error {
  readonly outcome: Exclude<Outcome, 'completed'>

  constructor(outcome: Exclude<Outcome, 'completed'>, reason: string) {
    super(reason)
    this.outcome = outcome
  }
}
