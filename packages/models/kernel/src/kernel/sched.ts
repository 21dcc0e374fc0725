// SPDX-License-Identifier: GPL-2.0-only
import { innermostAtomicLock, debug_show_held_locks, lockCaller } from './locking/lockdep.ts'
import { currentMachine, currentTask, emitEvent } from '../machine/machine.ts'
import { dump_stack, printModules, taint, TAINT_WARN } from './panic.ts'
import { pr_err } from './printk.ts'
import type { task_struct } from '../machine/task.ts'

/**
 * Models `__schedule_bug` and its caller `schedule_debug`, which is inlined (kernel/sched/core.c, v4.18): reports that
 * a task is scheduled in an atomic section, and resets the count of sections. The unlock then makes the count negative,
 * which is an atomic section too. Only a kernel with lock debugging counts the sections. The printed count is one
 * higher than the task's, because the scheduler itself disables preemption.
 */
export function __schedule_bug(task: task_struct): void {
  const { config, inspecting, trial } = currentMachine()
  if (task.preempt_count === 0 || !config.lockDebugging || inspecting || trial !== null) return
  const count = ((task.preempt_count + 1) >>> 0).toString(16).padStart(8, '0')
  pr_err('BUG: scheduling while atomic: %s/%d/0x%s\n', task.comm, task.pid, count)
  debug_show_held_locks(task)
  printModules()
  dump_stack()
  taint.add(TAINT_WARN)
  emitEvent('lock.report', {
    report: 'scheduling-while-atomic',
    function: lockCaller(),
    ...innermostAtomicLock(task),
  })
  task.preempt_count = 0
}

/**
 * Models `might_sleep` (kernel/sched/core.c `___might_sleep`, v4.18 with `CONFIG_DEBUG_ATOMIC_SLEEP`): reports a call
 * under a spinlock, with interrupts off or in an RCU read section. Emits the event even without lock debugging, but
 * then prints nothing.
 *
 * @param at - file and line of the caller in the kernel source; in C, the compiler supplies them
 */
export function might_sleep(at: string): void {
  const machine = currentMachine()
  const task = currentTask()
  if (machine.inspecting) return
  if (task.preempt_count === 0 && task.irqs_disabled === 0) return
  const by = lockCaller()
  emitEvent('lock.report', { report: 'sleep-in-atomic', function: by, ...innermostAtomicLock(task) })
  if (!machine.config.lockDebugging) return
  pr_err('BUG: sleeping function called from invalid context at %s\n', at)
  pr_err(
    'in_atomic(): %d, irqs_disabled(): %d, pid: %d, name: %s\n',
    task.preempt_count === 0 ? 0 : 1,
    task.irqs_disabled > 0 ? 1 : 0,
    task.pid,
    task.comm,
  )
  debug_show_held_locks(task)
  dump_stack()
  taint.add(TAINT_WARN)
}
