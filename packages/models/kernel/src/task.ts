// SPDX-License-Identifier: GPL-2.0-only
import type { HeldLock } from './lockdep.ts'

/** `struct task_struct` (include/linux/sched.h, v4.18), as far as locks and reports need it. */
export class task_struct {
  readonly comm: string
  readonly pid: number
  /** `running`, `dead` (came back or was killed) or `blocked` (waits for ever). */
  state: 'running' | 'dead' | 'blocked' = 'running'
  /** The signal that ended it, or 0. */
  exit_code = 0
  /** Nesting of spinlocks and other sections that must not sleep. */
  preempt_count = 0
  irqs_disabled = 0
  rcu_read_lock_nesting = 0
  /** Locks held, in the order they were taken. */
  readonly held_locks: HeldLock[] = []

  constructor(comm: string, pid: number) {
    this.comm = comm
    this.pid = pid
  }

  /** `init/1`, as lockdep writes a task. */
  get label(): string {
    return `${this.comm}/${String(this.pid)}`
  }
}
