// SPDX-License-Identifier: GPL-2.0-only
import { callsHere } from '../machine/calls.ts'
import { Halt } from '../machine/halt.ts'
import { heldLockNames } from './locking/lockdep.ts'
import { currentMachine, currentTask, emitEvent } from '../machine/machine.ts'
import { dump_stack, printCallTrace, taint, TAINT_SOFTLOCKUP } from './panic.ts'
import { LOGLEVEL_EMERG, printk, pr_err, pr_info } from './printk.ts'
import { __schedule_bug } from './sched.ts'
import type { Lock, task_struct } from '../machine/task.ts'

/**
 * Reports, as the kernel does, that the current task waits forever for a held lock, and ends the task. Tasks run one
 * after another, so the holder is the task itself, a task that has ended, or a task that waits. The model cannot resume
 * the holder, so it assumes that none of them releases the lock.
 *
 * @param lock - the lock that the task waits for
 * @param sleeps - false for a spinlock, whose waiter spins
 * @param ahead - the waiting writer that gets the lock first, if the task waits for that writer and not for a holder
 */
export function waitForever(lock: Lock, sleeps: boolean, ahead?: task_struct): never {
  const task = currentTask()
  const holder = ahead === undefined ? describeHolder(lock, task) : `${ahead.label}, which waits to write`
  if (sleeps) sleepForever(lock.name, holder)
  reportStall(task)
  hangSilently(lock.name, holder)
}

/**
 * Ends the current task, which waits forever for a held lock. A signal could end the wait, so the kernel reports
 * nothing.
 */
export function waitInterruptibly(lock: Lock): never {
  hangSilently(lock.name, describeHolder(lock, currentTask()))
}

/**
 * Prints the report of the hung task detector and ends the current task, which sleeps and is never woken.
 *
 * @param what - name of the lock, event or service that the task waits for
 * @param holder - the reason why the wait never ends
 */
export function sleepForever(what: string, holder: string): never {
  reportBlocked(currentTask())
  hangSilently(what, holder)
}

/**
 * Models the report of `check_hung_task` (kernel/hung_task.c, v4.18) about a task that sleeps and is never woken. If
 * the task is in an atomic section and lock debugging is on, first reports `scheduling while atomic`.
 */
function reportBlocked(task: task_struct): void {
  const { config } = currentMachine()
  __schedule_bug(task)
  pr_err('INFO: task %s:%d blocked for more than %d seconds.\n', task.comm, task.pid, config.hungTaskTimeout)
  pr_err('      %s 4.18.0\n', taint.text())
  pr_err('"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.\n')
  printCallTrace(callsHere().functions)
}

/**
 * Models the report of `check_cpu_stall` (kernel/rcu/tree.c, v4.18) about a task that spins. Its own CPU detects the
 * stall in the timer interrupt. With interrupts off, another CPU detects it.
 */
function reportStall(task: task_struct): void {
  if (task.irqs_disabled === 0) {
    pr_err('INFO: rcu_sched self-detected stall on CPU\n')
    dump_stack()
    return
  }
  pr_err('INFO: rcu_sched detected stalls on CPUs/tasks:\n')
  pr_info('Task dump for CPU %d:\n', 0)
  printCallTrace(callsHere().functions)
}

function describeHolder(lock: Lock, task: task_struct): string {
  const [holder = task] = lock.holders
  if (holder === task) return 'its own call chain'
  if (holder.exit_code !== 0) return `${holder.label}, which an Oops killed`
  return holder.state === 'dead'
    ? `${holder.label}, which left without releasing it`
    : `${holder.label}, which waits as well`
}

/**
 * Prints the report of the soft lockup detector (kernel/watchdog.c, v4.18) and ends the current task, which loops
 * forever.
 *
 * @param where - name of the list, tree or service call that has no end
 */
export function spinForever(where: string): never {
  const task = currentTask()
  printk(LOGLEVEL_EMERG, 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [%s:%d]\n', task.comm, task.pid)
  dump_stack()
  if (currentMachine().trial === null) taint.add(TAINT_SOFTLOCKUP)
  hangSilently(where, 'its own call chain')
}

/**
 * Ends the current task, which waits forever, and prints nothing. Callers either print a report first, or call it for a
 * wait that no detector of the kernel reports.
 *
 * @param what - name of the lock, event or service that the task waits for
 * @param holder - the reason why the wait never ends
 */
export function hangSilently(what: string, holder: string): never {
  const task = currentTask()
  emitEvent('hang', { lock: what, holder, held: heldLockNames(task) })
  throw new Halt('deadlock', `${task.label} waits for ${what}: ${holder}`)
}
