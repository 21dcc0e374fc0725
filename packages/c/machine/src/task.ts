// SPDX-License-Identifier: GPL-2.0-only
/** A lock that a task holds. */
export interface HeldLock {
  /** Pointer to the lock. */
  readonly lock: bigint
  readonly name: string
  readonly shared: boolean
  /** True if a task sleeps while it waits for the lock. */
  readonly sleeps: boolean
}

/** A thread of execution on the machine: an action from outside, or a worker of the kernel. */
export interface Task {
  /** Name, as in `ps`. */
  readonly comm: string
  readonly pid: number
  /** `running`, `dead` (returned or was killed) or `blocked` (waits forever). */
  state: 'running' | 'dead' | 'blocked'
  /** True if an Oops killed it. */
  killed: boolean
  /**
   * Nesting of spinlocks, RCU read-side sections and other sections that must not sleep. The scheduler resets it, so it
   * may become negative when these sections end.
   */
  preemptCount: number
  /** Nesting of sections with interrupts off. */
  irqsDisabled: number
  /** Nesting of RCU read-side sections. */
  rcuNesting: number
  /** The locks that the task holds. The task took the first one first. */
  held: HeldLock[]
}

/** `init/1`, the lockdep notation of a task. */
export function labelOf({ comm, pid }: Pick<Task, 'comm' | 'pid'>): string {
  return `${comm}/${String(pid)}`
}

/** A new running task. */
export function newTask(comm: string, pid: number): Task {
  return {
    comm,
    pid,
    state: 'running',
    killed: false,
    preemptCount: 0,
    irqsDisabled: 0,
    rcuNesting: 0,
    held: [],
  }
}

/** A copy that shares no mutable state. */
export function copyTask(task: Task): Task {
  return { ...task, held: task.held.slice() }
}
