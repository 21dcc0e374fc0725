// SPDX-License-Identifier: GPL-2.0-only
/** A lock that a task holds. */
export interface HeldLock {
  /** Pointer to the lock. */
  readonly lock: bigint
  readonly name: string
  readonly shared: boolean
}

/** What runs on the machine: something done from outside, or a worker of the kernel. */
export interface Task {
  /** Name, as in `ps`. */
  readonly comm: string
  readonly pid: number
  /** `running`, `dead` (came back or was killed) or `blocked` (waits for ever). */
  state: 'running' | 'dead' | 'blocked'
  /** Whether an Oops ended it. */
  killed: boolean
  /** Nesting of spinlocks and other sections that must not sleep. */
  preemptCount: number
  /** Nesting of sections with interrupts off. */
  irqsDisabled: number
  /** Nesting of RCU's read-side sections. */
  rcuNesting: number
  /** In the order they were taken. */
  held: HeldLock[]
}

/** `init/1`, as lockdep writes a task. */
export function labelOf({ comm, pid }: Pick<Task, 'comm' | 'pid'>): string {
  return `${comm}/${String(pid)}`
}

/** A new task that runs. */
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

/** A copy that shares nothing that changes. */
export function copyTask(task: Task): Task {
  return { ...task, held: task.held.slice() }
}
