// SPDX-License-Identifier: GPL-2.0-only
import { lockdep_map, lockdep_rcu_suspicious, recordAcquired, recordReleased } from './locking/lockdep.ts'
import { currentTask, fileScope } from '../machine/machine.ts'
import { __schedule_bug, might_sleep } from './sched.ts'

const rcu = fileScope(() => ({
  /** For lockdep, a read section is a lock whose order with other locks is not checked. */
  rcu_lock_map: new lockdep_map('rcu_read_lock', { novalidate: true, atomic: true }),
}))

/**
 * Models `rcu_read_lock` (include/linux/rcupdate.h, v4.18). Until the matching unlock, the task must not sleep and no
 * grace period ends.
 */
export function rcu_read_lock(): void {
  const task = currentTask()
  task.rcu_read_lock_nesting++
  task.preempt_count++
  recordAcquired(rcu().rcu_lock_map)
}

/** Models `rcu_read_unlock` (include/linux/rcupdate.h, v4.18). */
export function rcu_read_unlock(): void {
  recordReleased(rcu().rcu_lock_map)
  const task = currentTask()
  task.preempt_count--
  task.rcu_read_lock_nesting--
}

/**
 * Models `synchronize_rcu` of a non-preemptible kernel (include/linux/rcupdate.h, v4.18), where it is
 * `synchronize_sched`: waits until all current read sections have ended. Here it never waits: tasks run one after
 * another, and scheduling a task counts as the end of its section. If the caller is in a section, a kernel with lock
 * debugging warns, and the call returns too.
 */
export function synchronize_rcu(): void {
  synchronize_sched()
}

/** Models `synchronize_sched` (kernel/rcu/tree.c, v4.18). May sleep. */
function synchronize_sched(): void {
  const task = currentTask()
  if (task.rcu_read_lock_nesting > 0) {
    lockdep_rcu_suspicious(
      'kernel/rcu/tree.c:3088',
      'Illegal synchronize_sched() in RCU-sched read-side critical section',
    )
  }
  might_sleep('kernel/rcu/tree.c:3044')
  __schedule_bug(task)
}

/**
 * Models `rcu_dereference` (include/linux/rcupdate.h, v4.18): reads a pointer that other tasks may replace
 * concurrently. Here it has no effect; it marks such reads.
 */
export function rcu_dereference<T>(pointer: T): T {
  return pointer
}
