// SPDX-License-Identifier: GPL-2.0-only
import { waitForever, waitInterruptibly } from '../hang.ts'
import { lock_acquire, recordAcquired, recordReleased } from './lockdep.ts'
import { currentTask, undoAfterTrial } from '../../machine/machine.ts'
import { might_sleep } from '../sched.ts'
import type { Lock, task_struct } from '../../machine/task.ts'

/** The options of `Lock` that control how lockdep checks and records a lock. */
export type LockOptions = Partial<Pick<Lock, 'novalidate' | 'fleeting'>>

/** A sleeping lock (`include/linux/mutex.h`). */
export class mutex implements Lock {
  readonly name: string
  readonly holders: task_struct[] = []
  readonly novalidate: boolean
  readonly fleeting: boolean
  constructor(name: string, { novalidate = false, fleeting = false }: LockOptions = {}) {
    this.name = name
    this.novalidate = novalidate
    this.fleeting = fleeting
  }
}

/** A spinlock; `raw_spinlock_t` behaves the same here (`include/linux/spinlock.h`). */
export class spinlock implements Lock {
  readonly name: string
  readonly holders: task_struct[] = []
  readonly atomic = true
  readonly fleeting: boolean
  constructor(name: string, { fleeting = false }: Pick<LockOptions, 'fleeting'> = {}) {
    this.name = name
    this.fleeting = fleeting
  }
}

/** A sleeping reader/writer lock (`include/linux/rwsem.h`). */
export class rw_semaphore implements Lock {
  readonly name: string
  readonly holders: task_struct[] = []
  writer = false
  /** Tasks that wait to write. Later tasks queue up after them, even readers. */
  readonly wait_list: task_struct[] = []
  constructor(name: string) {
    this.name = name
  }
}

/** Models `mutex_lock` (kernel/locking/mutex.c, v4.18). May sleep. */
export function mutex_lock(lock: mutex): void {
  might_sleep('kernel/locking/mutex.c:908')
  lock_acquire(lock)
  if (lock.holders.length > 0) waitForever(lock, true)
  recordAcquired(lock)
}

/**
 * Models `mutex_lock_interruptible` (kernel/locking/mutex.c, v4.18). May sleep. Signals are not modelled, so it never
 * fails. A wait that never ends is a silent hang: the kernel reports only waits that no signal can end.
 */
export function mutex_lock_interruptible(lock: mutex): void {
  might_sleep('kernel/locking/mutex.c:908')
  lock_acquire(lock)
  if (lock.holders.length > 0) waitInterruptibly(lock)
  recordAcquired(lock)
}

/** Models `mutex_unlock` (kernel/locking/mutex.c, v4.18). */
export function mutex_unlock(lock: mutex): void {
  recordReleased(lock)
}

/**
 * Models `spin_lock_irqsave` (include/linux/spinlock.h, v4.18): disables interrupts. The task must not sleep until the
 * matching unlock.
 */
export function spin_lock_irqsave(lock: spinlock): void {
  const task = currentTask()
  task.irqs_disabled++
  spin_lock(lock)
}

/** Models `spin_unlock_irqrestore` (include/linux/spinlock.h, v4.18). */
export function spin_unlock_irqrestore(lock: spinlock): void {
  spin_unlock(lock)
  currentTask().irqs_disabled--
}

/** Models `raw_spin_lock_irqsave` (include/linux/spinlock.h, v4.18). */
export const raw_spin_lock_irqsave: typeof spin_lock_irqsave = spin_lock_irqsave
/** Models `raw_spin_unlock_irqrestore` (include/linux/spinlock.h, v4.18). */
export const raw_spin_unlock_irqrestore: typeof spin_unlock_irqrestore = spin_unlock_irqrestore

/** Models `spin_lock` (include/linux/spinlock.h, v4.18). The task must not sleep until the matching unlock. */
export function spin_lock(lock: spinlock): void {
  lock_acquire(lock)
  currentTask().preempt_count++
  if (lock.holders.length > 0) waitForever(lock, false)
  recordAcquired(lock)
}

/** Models `spin_unlock` (include/linux/spinlock.h, v4.18). */
export function spin_unlock(lock: spinlock): void {
  recordReleased(lock)
  currentTask().preempt_count--
}

/**
 * Models `down_read` (kernel/locking/rwsem.c, v4.18). May sleep. Several readers may hold the lock. Once a writer
 * waits, new readers wait for that writer.
 */
export function down_read(lock: rw_semaphore): void {
  might_sleep('kernel/locking/rwsem.c:23')
  lock_acquire(lock)
  if (lock.writer || lock.wait_list.length > 0) waitForever(lock, true, lock.wait_list[0])
  recordAcquired(lock)
}

/** Models `up_read` (kernel/locking/rwsem.c, v4.18). */
export function up_read(lock: rw_semaphore): void {
  recordReleased(lock)
}

/**
 * Models `down_write` (kernel/locking/rwsem.c, v4.18). May sleep: waits for all readers, for the writer and for the
 * writers that wait already.
 */
export function down_write(lock: rw_semaphore): void {
  might_sleep('kernel/locking/rwsem.c:69')
  lock_acquire(lock)
  const [ahead] = lock.wait_list
  if (lock.holders.length > 0 || ahead !== undefined) {
    lock.wait_list.push(currentTask())
    undoAfterTrial(() => {
      lock.wait_list.pop()
    })
    waitForever(lock, true, ahead)
  }
  recordAcquired(lock)
  undoAfterTrial(() => (lock.writer = false))
  lock.writer = true
}

/** Models `up_write` (kernel/locking/rwsem.c, v4.18). */
export function up_write(lock: rw_semaphore): void {
  recordReleased(lock)
  lock.writer = false
}
