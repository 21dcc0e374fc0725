// SPDX-License-Identifier: GPL-2.0-only
import { hangSilently } from './hang.ts'
import { lockdep_map, recordAcquired, recordReleased } from './locking/lockdep.ts'
import { currentTask, fileScope } from '../machine/machine.ts'
import { might_sleep } from './sched.ts'

const rcu = fileScope(() => ({
  /** To lockdep a read section is a lock that stands in no order with others. */
  rcu_lock_map: new lockdep_map('rcu_read_lock', { novalidate: true }),
}))

/**
 * Models `rcu_read_lock` (include/linux/rcupdate.h, v4.18): until the matching unlock the task must not sleep and no
 * grace period ends.
 */
export function rcu_read_lock(): void {
  currentTask().rcu_read_lock_nesting++
  recordAcquired(rcu().rcu_lock_map)
}

/** Models `rcu_read_unlock` (include/linux/rcupdate.h, v4.18). */
export function rcu_read_unlock(): void {
  recordReleased(rcu().rcu_lock_map)
  currentTask().rcu_read_lock_nesting--
}

/**
 * Models `synchronize_rcu` (kernel/rcu/tree.c, v4.18): waits until all read sections that are open now have ended.
 * Tasks run one after the other, so only the caller's own section can be open; waiting for it never ends.
 */
export function synchronize_rcu(): void {
  might_sleep('kernel/rcu/tree.c:3227')
  if (currentTask().rcu_read_lock_nesting === 0) return
  hangSilently('rcu', 'its own call chain')
}

/**
 * Models `rcu_dereference` (include/linux/rcupdate.h, v4.18): reads a pointer that others may replace meanwhile; here
 * it marks the place.
 */
export function rcu_dereference<T>(pointer: T): T {
  return pointer
}
