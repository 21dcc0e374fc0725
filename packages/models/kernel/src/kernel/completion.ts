// SPDX-License-Identifier: GPL-2.0-only
import { sleepForever } from './hang.ts'
import { might_sleep } from './sched.ts'
import { runWorkersUntil } from './workqueue.ts'

/**
 * `struct completion` (include/linux/completion.h, v4.18). `done` is the number of completions that no waiter has
 * consumed.
 */
export class completion {
  done = 0
  /** Name of the completion in the record of a hang. */
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** Models `init_completion` (include/linux/completion.h, v4.18). */
export function init_completion(x: completion): void {
  x.done = 0
}

/** Models `complete` (kernel/sched/completion.c, v4.18): lets one waiter continue. */
export function complete(x: completion): void {
  x.done++
}

/**
 * Models `wait_for_completion` (kernel/sched/completion.c, v4.18): waits until `complete` has been called, and consumes
 * one completion. May sleep; workers run meanwhile. Lockdep does not know about the wait. Waits forever if no work that
 * can start completes `x`.
 */
export function wait_for_completion(x: completion): void {
  might_sleep('kernel/sched/completion.c:99')
  if (!runWorkersUntil(() => x.done > 0))
    sleepForever(x.name, 'nobody: no task is left that could complete it')
  x.done--
}
