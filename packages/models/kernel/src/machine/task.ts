// SPDX-License-Identifier: GPL-2.0-only
import type { Calls } from './frames.ts'

// Tasks and locks refer to each other, so both are declared here.

/** Common fields of all locks. The name is the lock class, as lockdep prints it. */
export interface Lock {
  readonly name: string
  /** Tasks that hold the lock; several only if they are readers. */
  readonly holders: task_struct[]
  /** Set for locks that lockdep does not check (`lockdep_set_novalidate_class`). */
  readonly novalidate?: boolean
  /** Set for locks that are taken very often and held only briefly: the function that took them is not recorded. */
  readonly fleeting?: boolean
  /** Set for lockdep maps, which are not locks: no task waits for them. */
  readonly isMap?: boolean
  /** Set for locks under which a task must not sleep: spinlocks and RCU read sections. */
  readonly atomic?: boolean
}

/** A lock that a task holds, and the call chain that took it. */
export interface HeldLock {
  readonly lock: Lock
  /** Null for a fleeting lock. */
  readonly takenAt: Calls | null
}

/** `struct task_struct` (include/linux/sched.h, v4.18), limited to the fields that locks and reports use. */
export class task_struct {
  readonly comm: string
  readonly pid: number
  /** `running`, `dead` (returned or was killed) or `blocked` (waits forever). */
  state: 'running' | 'dead' | 'blocked' = 'running'
  /** Signal that killed the task, or 0. */
  exit_code = 0
  /** Nesting depth of spinlocks, RCU read sections and other sections that must not sleep. */
  preempt_count = 0
  irqs_disabled = 0
  rcu_read_lock_nesting = 0
  /** Locks held, in the order in which they were taken. */
  readonly held_locks: HeldLock[] = []

  constructor(comm: string, pid: number) {
    this.comm = comm
    this.pid = pid
  }

  /** Name as lockdep prints it, such as `init/1`. */
  get label(): string {
    return `${this.comm}/${String(this.pid)}`
  }
}
