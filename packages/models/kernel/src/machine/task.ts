// SPDX-License-Identifier: GPL-2.0-only
import type { Calls } from './frames.ts'

// Tasks and locks know each other, so both are here.

/** What every lock has: a name as lockdep prints it, which is also its class, and who holds it. */
export interface Lock {
  readonly name: string
  /** Tasks that hold it; more than one only for readers. */
  readonly holders: task_struct[]
  /** Set for locks that lockdep is told not to look at (`lockdep_set_novalidate_class`). */
  readonly novalidate?: boolean
  /** Set for locks that are taken all the time and held over nothing: who took them is not kept. */
  readonly fleeting?: boolean
  /** Set for what only lockdep takes for a lock: nobody waits for it. */
  readonly isMap?: boolean
  /** Set for what must not be held by a task that sleeps: spinlocks, and RCU read sections. */
  readonly atomic?: boolean
}

/** A lock that a task holds, and the function that took it. */
export interface HeldLock {
  readonly lock: Lock
  /** Null for a fleeting lock. */
  readonly takenAt: Calls | null
}

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
