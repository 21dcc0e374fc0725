// SPDX-License-Identifier: GPL-2.0-only
import { areLocksChecked, debug_locks_off } from './debug-locks.ts'
import { CapturedStack, type Track } from './frames.ts'
import { Halt } from './halt.ts'
import { currentMachine, currentTask, emitEvent, fileScope } from './machine.ts'
import { dump_stack, printCallTrace, printModules, taint, TAINT_SOFTLOCKUP, TAINT_WARN } from './panic.ts'
import { LOGLEVEL_EMERG, printk, pr_err, pr_info } from './printk.ts'
import type { task_struct } from './task.ts'

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
}

/** `struct lockdep_map` (kernel/locking/lockdep.c, v4.18) of what is no lock, but stands in an order with locks. */
export class lockdep_map implements Lock {
  readonly name: string
  readonly holders: task_struct[] = []
  readonly isMap = true
  constructor(name: string) {
    this.name = name
  }
}

/** A lock that a task holds, and the function that took it. */
export interface HeldLock {
  readonly lock: Lock
  /** Null for a fleeting lock. */
  readonly takenAt: Track | null
}

const lockdep = fileScope(() => ({
  /** Lock classes that were taken while another was held: first key outer, then inner. */
  order: new Map<string, Set<string>>(),
}))

/** The innermost kernel function of a stack that is not one of the locking functions themselves. */
function lockingFunction(stack: Track | null = new CapturedStack()): string {
  return stack?.frames.find((frame) => !lockFunctions.has(frame.function))?.function ?? '?'
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
  'check_deadlock',
  'check_prev_add',
  'might_sleep',
  '__schedule_bug',
])

/**
 * Models what `lock_acquire` checks (kernel/locking/lockdep.c, v4.18): a lock taken again by its holder, and two
 * locks taken in both orders. Only the innermost lock that is held counts as the one before (`check_prevs_add`): those
 * around it were noted when it was taken. The first report turns the checks off, as in the kernel.
 *
 * @param lock - the lock that is about to be taken
 */
export function lock_acquire(lock: Lock): void {
  const machine = currentMachine()
  if (!machine.config.lockDebugging || !areLocksChecked()) return
  if (lock.novalidate === true) return
  check_deadlock(lock, currentTask())
  const outer = currentTask().held_locks.findLast((held) => held.lock.novalidate !== true)
  if (outer !== undefined) check_prev_add(outer.lock, lock)
}

function check_deadlock(lock: Lock, task: task_struct): void {
  const held = task.held_locks.find((other) => other.lock.name === lock.name)
  if (held === undefined) return
  const by = lockingFunction()
  debug_locks_off()
  const rule = '='.repeat(44)
  pr_err('%s\n', rule)
  pr_err('WARNING: possible recursive locking detected\n')
  printk(4, '4.18.0 %s\n', taint.text())
  printk(4, '%s\n', '-'.repeat(44))
  printk(4, '%s is trying to acquire lock:\n(%s), at: %s\n', task.label, lock.name, by)
  printk(
    4,
    'but task is already holding lock:\n(%s), at: %s\n',
    held.lock.name,
    lockingFunction(held.takenAt),
  )
  printk(4, ' *** DEADLOCK ***\n')
  printHeldLocks(task)
  dump_stack()
  emitEvent('lock.report', { report: 'recursive-locking', lock: lock.name, function: by })
}

function check_prev_add(outer: Lock, inner: Lock): void {
  if (outer.name === inner.name || !areLocksChecked()) return
  const { order } = lockdep()
  // What was found in order before still is: a lock that closed a circle since would have been reported.
  if (order.get(outer.name)?.has(inner.name) === true) return
  if (leadsTo(order, inner.name, outer.name)) reportCircular(outer, inner)
  let inners = order.get(outer.name)
  if (inners === undefined) order.set(outer.name, (inners = new Set()))
  inners.add(inner.name)
}

function leadsTo(order: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set<string>()
  const open = [from]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === to) return true
    if (seen.has(name)) continue
    seen.add(name)
    open.push(...(order.get(name) ?? []))
  }
  return false
}

function reportCircular(outer: Lock, inner: Lock): void {
  const task = currentTask()
  const by = lockingFunction()
  debug_locks_off()
  pr_err('%s\n', '='.repeat(54))
  pr_err('WARNING: possible circular locking dependency detected\n')
  printk(4, '4.18.0 %s\n', taint.text())
  printk(4, '%s\n', '-'.repeat(54))
  printk(4, '%s is trying to acquire lock:\n(%s), at: %s\n', task.label, inner.name, by)
  const held = task.held_locks.find((other) => other.lock === outer)
  printk(
    4,
    'but task is already holding lock:\n(%s), at: %s\n',
    outer.name,
    lockingFunction(held?.takenAt ?? null),
  )
  printk(4, 'which lock already depends on the new lock.\n')
  printHeldLocks(task)
  dump_stack()
  emitEvent('lock.report', { report: 'lock-order', lock: inner.name, function: by })
}

function printHeldLocks(task: task_struct): void {
  const held = task.held_locks
  if (held.length === 0) return
  printk(4, '%d lock%s held by %s:\n', held.length, held.length === 1 ? '' : 's', task.label)
  held.forEach((one, index) => {
    printk(4, ' #%d: (%s), at: %s\n', index, one.lock.name, lockingFunction(one.takenAt))
  })
}

/** Models `debug_show_held_locks` (kernel/locking/lockdep.c, v4.18). */
function debug_show_held_locks(task: task_struct): void {
  if (areLocksChecked()) printHeldLocks(task)
  else printk(4, 'INFO: lockdep is turned off.\n')
}

/** Enough frames to get past the locking functions to whoever called them. */
const takerDepth = 8

/** Notes that the current task holds `lock` now. */
export function recordAcquired(lock: Lock): void {
  const task = currentTask()
  lock.holders.push(task)
  task.held_locks.push({
    lock,
    takenAt: lock.fleeting === true ? null : currentMachine().trackHere(takerDepth),
  })
}

/** Models the macro `lock_map_acquire` (kernel/locking/lockdep.c, v4.18): checked and noted as a lock that is taken. */
export function lock_map_acquire(map: lockdep_map): void {
  lock_acquire(map)
  recordAcquired(map)
}

/** Models the macro `lock_map_release` (kernel/locking/lockdep.c, v4.18). */
export function lock_map_release(map: lockdep_map): void {
  recordReleased(map)
}

/** Removes one element; -1 is none. Locks are given back in reverse order nearly always, and the last element goes fastest. */
function removeAt(list: unknown[], index: number): void {
  if (index === list.length - 1) list.pop()
  else if (index >= 0) list.splice(index, 1)
}

/** Notes that the current task gave `lock` back, or complains that it has nothing to give back. */
export function recordReleased(lock: Lock): void {
  const task = currentTask()
  const { held_locks } = task
  removeAt(lock.holders, lock.holders.indexOf(task))
  const held = held_locks.findLastIndex((one) => one.lock === lock)
  removeAt(held_locks, held)
  if (held < 0) print_unlock_imbalance_bug(task, lock)
}

/** Models `print_unlock_imbalance_bug` (kernel/locking/lockdep.c, v4.18): the first report turns the checks off. */
function print_unlock_imbalance_bug(task: task_struct, lock: Lock): void {
  if (!currentMachine().config.lockDebugging || !debug_locks_off()) return
  const by = lockingFunction()
  printk(4, '%s\n', '='.repeat(37))
  printk(4, 'WARNING: bad unlock balance detected!\n')
  printk(4, '4.18.0 %s\n', taint.text())
  printk(4, '%s\n', '-'.repeat(37))
  printk(4, '%s is trying to release lock (%s) at:\n%s\n', task.label, lock.name, by)
  printk(4, 'but there are no more locks to release!\n')
  printHeldLocks(task)
  dump_stack()
  emitEvent('lock.report', { report: 'bad-unlock-balance', lock: lock.name, function: by })
}

/**
 * The current task needs a lock that somebody holds. Tasks run one after the other, so the holder is the task itself,
 * a task that is gone, or one that waits for ever: nobody will release it. Says so and ends the task.
 *
 * @param lock - the lock that is waited for
 * @param sleeps - false for a spinlock, whose waiter spins
 * @param ahead - who is to have the lock first, if it is not the holder that is waited for
 */
export function waitForEver(lock: Lock, sleeps: boolean, ahead?: task_struct): never {
  const task = currentTask()
  if (sleeps) reportBlocked(task)
  else reportStall(task)
  const holder = ahead === undefined ? describeHolder(lock, task) : `${ahead.label}, which waits to write`
  emitEvent('hang', { lock: lock.name, holder, held: heldNames(task) })
  throw new Halt('deadlock', `${task.label} waits for (${lock.name}), held by ${holder}`)
}

/** Models what `check_hung_task` prints (kernel/hung_task.c, v4.18) about a task that went to sleep and never woke up. */
function reportBlocked(task: task_struct): void {
  const { config } = currentMachine()
  if (task.preempt_count > 0 && config.lockDebugging) __schedule_bug(task)
  pr_err('INFO: task %s:%d blocked for more than %d seconds.\n', task.comm, task.pid, config.hungTaskTimeout)
  pr_err('      %s 4.18.0\n', taint.text())
  pr_err('"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.\n')
  printCallTrace(new CapturedStack().frames)
}

/**
 * Models what `check_cpu_stall` prints (kernel/rcu/tree.c, v4.18) about a task that spins: its processor notices that
 * itself in the timer interrupt, or with interrupts off another one does.
 */
function reportStall(task: task_struct): void {
  if (task.irqs_disabled === 0) {
    pr_err('INFO: rcu_sched self-detected stall on CPU\n')
    dump_stack()
    return
  }
  pr_err('INFO: rcu_sched detected stalls on CPUs/tasks:\n')
  pr_info('Task dump for CPU %d:\n', 0)
  printCallTrace(new CapturedStack().frames)
}

/** The locks that a task holds, by name, in the order they were taken. */
export function heldNames(task: task_struct): string[] {
  return task.held_locks.filter(({ lock }) => lock.isMap !== true).map(({ lock }) => lock.name)
}

/**
 * The current task goes round in a loop and never comes back. Says so as the soft lockup detector does
 * (kernel/watchdog.c, v4.18) and ends the task.
 *
 * @param where - what has no end
 */
export function spinForEver(where: string): never {
  const task = currentTask()
  printk(LOGLEVEL_EMERG, 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [%s:%d]\n', task.comm, task.pid)
  dump_stack()
  taint.add(TAINT_SOFTLOCKUP)
  emitEvent('hang', { lock: where, holder: 'its own call chain', held: heldNames(task) })
  throw new Halt('deadlock', `${task.label} goes round in ${where}`)
}

/**
 * The current task waits for something that never comes, in a way that no report of the kernel notices.
 *
 * @param what - what it waits for
 * @param holder - why that never comes
 */
export function hangSilently(what: string, holder: string): never {
  const task = currentTask()
  emitEvent('hang', { lock: what, holder, held: heldNames(task) })
  throw new Halt('deadlock', `${task.label} waits for ${what}: ${holder}`)
}

function describeHolder(lock: Lock, task: task_struct): string {
  const [holder = task] = lock.holders
  if (holder === task) return 'its own call chain'
  if (holder.exit_code !== 0) return `${holder.label}, which an Oops killed`
  return holder.state === 'dead'
    ? `${holder.label}, which left without releasing it`
    : `${holder.label}, which waits as well`
}

/** Models `__schedule_bug` (kernel/sched/core.c, v4.18). The scheduler itself holds one count by then. */
function __schedule_bug(task: task_struct): void {
  const count = (task.preempt_count + 1).toString(16).padStart(8, '0')
  pr_err('BUG: scheduling while atomic: %s/%d/0x%s\n', task.comm, task.pid, count)
  debug_show_held_locks(task)
  printModules()
  dump_stack()
  taint.add(TAINT_WARN)
  emitEvent('lock.report', { report: 'scheduling-while-atomic', lock: '', function: lockingFunction() })
}

/**
 * Models `might_sleep` (kernel/sched/core.c `___might_sleep`, v4.18 with `CONFIG_DEBUG_ATOMIC_SLEEP`): complains when
 * called under a spinlock, with interrupts off or in an RCU read section.
 *
 * @param at - file and line of the caller in the kernel, as C takes them from the compiler
 */
export function might_sleep(at: string): void {
  const machine = currentMachine()
  const task = currentTask()
  if (machine.inspecting) return
  if (task.preempt_count === 0 && task.irqs_disabled === 0 && task.rcu_read_lock_nesting === 0) return
  const by = lockingFunction()
  emitEvent('lock.report', { report: 'sleep-in-atomic', lock: '', function: by })
  if (!machine.config.lockDebugging) return
  pr_err('BUG: sleeping function called from invalid context at %s\n', at)
  pr_err(
    'in_atomic(): %d, irqs_disabled(): %d, pid: %d, name: %s\n',
    task.preempt_count + task.rcu_read_lock_nesting > 0 ? 1 : 0,
    task.irqs_disabled > 0 ? 1 : 0,
    task.pid,
    task.comm,
  )
  debug_show_held_locks(task)
  dump_stack()
  taint.add(TAINT_WARN)
}
