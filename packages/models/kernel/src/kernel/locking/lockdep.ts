// SPDX-License-Identifier: GPL-2.0-only
import { areLocksChecked, debug_locks_off } from './debug-locks.ts'
import { callsHere } from '../../machine/calls.ts'
import type { Calls } from '../../machine/frames.ts'
import { currentMachine, currentTask, emitEvent, fileScope, undoAfterTrial } from '../../machine/machine.ts'
import { dump_stack, taint } from '../panic.ts'
import { LOGLEVEL_DEFAULT, printk, pr_warn } from '../printk.ts'
import type { HeldLock, Lock, task_struct } from '../../machine/task.ts'

/**
 * `struct lockdep_map` (include/linux/lockdep.h, v4.18) of something that is not a lock but that lockdep tracks like
 * one.
 */
export class lockdep_map implements Lock {
  readonly name: string
  readonly holders: task_struct[] = []
  readonly isMap = true
  readonly novalidate: boolean
  readonly atomic: boolean
  constructor(
    name: string,
    { novalidate = false, atomic = false }: Pick<Lock, 'novalidate' | 'atomic'> = {},
  ) {
    this.name = name
    this.novalidate = novalidate
    this.atomic = atomic
  }
}

const lockdep = fileScope(() => ({
  /** For each lock class, the classes that were taken while a lock of this class was held, directly or indirectly. */
  inside: new Map<string, Set<string>>(),
  /** Places with an RCU report. Lockdep reports each place once. */
  rcuWarned: new Set<string>(),
}))

/**
 * Returns the innermost function of a call chain that is not a locking function; `?` if there is none or `calls` is
 * null.
 */
export function lockCaller(calls: Calls | null = callsHere()): string {
  return calls?.functions.find((name) => !lockFunctions.has(name)) ?? '?'
}

const lockFunctions = new Set([
  'mutex_lock',
  'down_read',
  'down_write',
  'spin_lock',
  'spin_lock_irqsave',
  'mutex_unlock',
  'up_read',
  'up_write',
  'spin_unlock',
  'spin_unlock_irqrestore',
  'recordReleased',
  'print_unlock_imbalance_bug',
  'lock_acquire',
  'lock_map_acquire',
  'lock_map_release',
  'rcu_read_lock',
  'rcu_read_unlock',
  'check_deadlock',
  'check_prev_add',
  'might_sleep',
  '__schedule_bug',
  'lockdep_rcu_suspicious',
])

/**
 * Models the checks of `lock_acquire` (kernel/locking/lockdep.c, v4.18): a task takes a lock of a class that it already
 * holds, or two locks are taken in both orders. Only the innermost held lock that lockdep checks counts as the previous
 * one (`check_prevs_add`): its order with the outer locks was recorded when it was taken. The first report turns lock
 * checking off, as in the kernel.
 *
 * @param lock - the lock that the task is about to take
 */
export function lock_acquire(lock: Lock): void {
  const machine = currentMachine()
  if (!machine.config.lockDebugging || !areLocksChecked() || machine.inspecting) return
  if (lock.novalidate === true) return
  check_deadlock(lock, currentTask())
  const outer = currentTask().held_locks.findLast((held) => held.lock.novalidate !== true)
  if (outer !== undefined) check_prev_add(outer, lock)
}

/**
 * Models `check_deadlock` (kernel/locking/lockdep.c, v4.18): reports if the task already holds a lock of this class.
 */
function check_deadlock(lock: Lock, task: task_struct): void {
  const held = task.held_locks.find((other) => other.lock.name === lock.name)
  if (held === undefined) return
  reportAcquisition('recursive-locking', 'possible recursive locking detected', held, lock)
}

/**
 * Models `check_prev_add` (kernel/locking/lockdep.c, v4.18): records that one lock is taken inside another. If the
 * opposite order is already recorded, reports a circular dependency instead.
 */
function check_prev_add(outer: HeldLock, inner: Lock): void {
  const { name } = outer.lock
  if (name === inner.name || !areLocksChecked()) return
  const { inside } = lockdep()
  // An order that is already recorded needs no check: a later order that contradicts it would have been reported.
  if (inside.get(name)?.has(inner.name) === true) return
  const within = inside.get(inner.name) ?? new Set()
  if (within.has(name)) {
    reportAcquisition('lock-order', 'possible circular locking dependency detected', outer, inner)
    return
  }
  if (!inside.has(name)) inside.set(name, new Set())
  for (const [other, inners] of inside) {
    if (other !== name && !inners.has(name)) continue
    for (const one of [inner.name, ...within]) inners.add(one)
  }
}

/** Reports that the lock to be taken conflicts with a lock that the task holds. Turns lock checking off. */
function reportAcquisition(
  report: 'recursive-locking' | 'lock-order',
  title: string,
  held: HeldLock,
  lock: Lock,
): void {
  const task = currentTask()
  const by = lockCaller()
  debug_locks_off()
  printTitle(title)
  pr_warn('%s is trying to acquire lock:\n(%s), at: %s\n', task.label, lock.name, by)
  pr_warn('but task is already holding lock:\n(%s), at: %s\n', held.lock.name, lockCaller(held.takenAt))
  pr_warn(report === 'lock-order' ? 'which lock already depends on the new lock.\n' : ' *** DEADLOCK ***\n')
  lockdep_print_held_locks(task)
  dump_stack()
  const holder = held.takenAt === null ? null : lockCaller(held.takenAt)
  emitEvent('lock.report', { report, lock: lock.name, function: by, holder })
}

/**
 * Models `lockdep_rcu_suspicious` (kernel/locking/lockdep.c, v4.18): reports each place once. Lock checking stays on.
 *
 * @param at - file and line of the check
 */
export function lockdep_rcu_suspicious(at: string, what: string): void {
  const { rcuWarned } = lockdep()
  const { config, inspecting } = currentMachine()
  if (!config.lockDebugging || inspecting || !areLocksChecked() || rcuWarned.has(at)) return
  rcuWarned.add(at)
  printTitle('suspicious RCU usage')
  pr_warn('%s %s!\n', at, what)
  pr_warn('\nother info that might help us debug this:\n\n')
  pr_warn('\nrcu_scheduler_active = 2, debug_locks = 1\n')
  lockdep_print_held_locks(currentTask())
  pr_warn('\nstack backtrace:\n')
  dump_stack()
  emitEvent('lock.report', { report: 'suspicious-rcu', lock: '', function: lockCaller(), holder: null })
}

/**
 * Returns the innermost lock or RCU read section under which a task must not sleep, and the function that took it. The
 * lock is empty if there is none. The function is null if it is not known.
 */
export function innermostAtomicLock(task: task_struct): {
  readonly lock: string
  readonly holder: string | null
} {
  const held = task.held_locks.findLast(({ lock }) => lock.atomic === true)
  if (held === undefined) return { lock: '', holder: null }
  return { lock: held.lock.name, holder: held.takenAt === null ? null : lockCaller(held.takenAt) }
}

/** Prints the head of a lockdep report: its title and the kernel version between two rules. */
function printTitle(title: string): void {
  const line = `WARNING: ${title}`
  pr_warn('%s\n%s\n', '='.repeat(line.length), line)
  printk(LOGLEVEL_DEFAULT, '4.18.0 %s\n', taint.text())
  pr_warn('%s\n', '-'.repeat(line.length))
}

/** Models `lockdep_print_held_locks` (kernel/locking/lockdep.c, v4.18). */
function lockdep_print_held_locks(task: task_struct): void {
  const held = task.held_locks
  if (held.length === 0) {
    printk(LOGLEVEL_DEFAULT, 'no locks held by %s.\n', task.label)
    return
  }
  printk(LOGLEVEL_DEFAULT, '%d lock%s held by %s:\n', held.length, held.length === 1 ? '' : 's', task.label)
  for (const [index, { lock, takenAt }] of held.entries()) {
    printk(LOGLEVEL_DEFAULT, ' #%d: (%s), at: %s\n', index, lock.name, lockCaller(takenAt))
  }
}

/** Models `debug_show_held_locks` (kernel/locking/lockdep.c, v4.18). */
export function debug_show_held_locks(task: task_struct): void {
  if (areLocksChecked()) lockdep_print_held_locks(task)
  else printk(LOGLEVEL_DEFAULT, 'INFO: lockdep is turned off.\n')
}

/** Records that the current task holds `lock`. */
export function recordAcquired(lock: Lock): void {
  const task = currentTask()
  lock.holders.push(task)
  undoAfterTrial(() => {
    removeAt(lock.holders, lock.holders.indexOf(task))
  })
  task.held_locks.push({
    lock,
    takenAt: lock.fleeting === true ? null : currentMachine().trackHere(),
  })
}

/**
 * Models the macro `lock_map_acquire` (include/linux/lockdep.h, v4.18): lockdep checks and records the map like a
 * lock.
 */
export function lock_map_acquire(map: lockdep_map): void {
  lock_acquire(map)
  recordAcquired(map)
}

/** Models the macro `lock_map_release` (include/linux/lockdep.h, v4.18). */
export function lock_map_release(map: lockdep_map): void {
  recordReleased(map)
}

/**
 * Removes one element; an index of -1 removes none. Locks are almost always released in reverse order, so removal of
 * the last element is the fast path.
 */
function removeAt(list: unknown[], index: number): void {
  if (index === list.length - 1) list.pop()
  else if (index >= 0) list.splice(index, 1)
}

/** Records that the current task released `lock`. Reports a bad unlock balance if the task does not hold it. */
export function recordReleased(lock: Lock): void {
  const task = currentTask()
  const { held_locks } = task
  removeAt(lock.holders, lock.holders.indexOf(task))
  const held = held_locks.findLastIndex((one) => one.lock === lock)
  removeAt(held_locks, held)
  if (held < 0) print_unlock_imbalance_bug(task, lock)
}

/** Models `print_unlock_imbalance_bug` (kernel/locking/lockdep.c, v4.18). The first report turns lock checking off. */
function print_unlock_imbalance_bug(task: task_struct, lock: Lock): void {
  const { config, inspecting } = currentMachine()
  if (!config.lockDebugging || inspecting || !debug_locks_off()) return
  const by = lockCaller()
  printTitle('bad unlock balance detected!')
  pr_warn('%s is trying to release lock (%s) at:\n%s\n', task.label, lock.name, by)
  pr_warn('but there are no more locks to release!\n')
  lockdep_print_held_locks(task)
  dump_stack()
  emitEvent('lock.report', { report: 'bad-unlock-balance', lock: lock.name, function: by, holder: null })
}

/**
 * Models `lockdep_sys_exit` (kernel/locking/lockdep.c, v4.18): reports a task that returns to user space with a lock
 * held or inside an RCU read section. The first report turns the checks off.
 */
export function lockdep_sys_exit(): void {
  const task = currentTask()
  const { config, inspecting } = currentMachine()
  if (task.held_locks.length === 0 || !config.lockDebugging || inspecting || !debug_locks_off()) return
  printTitle('lock held when returning to user space!')
  pr_warn('%s is leaving the kernel with locks still held!\n', task.label)
  lockdep_print_held_locks(task)
}

/**
 * Returns the names of the locks that a task holds, in the order in which the task took them. Leaves out lockdep maps.
 */
export function heldLockNames(task: task_struct): string[] {
  return task.held_locks.filter(({ lock }) => lock.isMap !== true).map(({ lock }) => lock.name)
}
