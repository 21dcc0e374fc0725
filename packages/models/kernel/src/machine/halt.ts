// SPDX-License-Identifier: GPL-2.0-only

/** State of a machine: no failure, an Oops killed a task, or a task waits forever. */
export type Outcome = 'completed' | 'oops' | 'deadlock'

/**
 * Thrown when a task stops for good. Unwinds the JavaScript stack to the task's entry. Code on the way must not catch
 * the error or clean up, because the kernel does not clean up after such a task: its locks stay held.
 */
export class Halt extends Error {
  readonly outcome: Exclude<Outcome, 'completed'>

  constructor(outcome: Exclude<Outcome, 'completed'>, reason: string) {
    super(reason)
    this.outcome = outcome
  }
}
