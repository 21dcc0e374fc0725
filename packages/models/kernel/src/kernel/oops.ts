// SPDX-License-Identifier: GPL-2.0-only
import { debug_locks_off } from './locking/debug-locks.ts'
import { callsAtFault, callsHere } from '../machine/calls.ts'
import { Halt } from '../machine/halt.ts'
import { heldLockNames } from './locking/lockdep.ts'
import { currentMachine, currentTask, emitEvent, fileScope } from '../machine/machine.ts'
import { printCallTrace, printCpuLine, printModules, taint, TAINT_DIE } from './panic.ts'
import { BadAccess } from '../c/pointer.ts'
import { LOGLEVEL_ALERT, LOGLEVEL_DEFAULT, pr_crit, pr_info, printk } from './printk.ts'
import { might_sleep } from './sched.ts'
import type { task_struct } from '../machine/task.ts'

const traps = fileScope(() => ({ die_counter: 0 }))

/** The kind of a fault, as `die` prints it (arch/powerpc/kernel/traps.c, v4.18). */
interface Fault {
  readonly str: string
  readonly signal: number
}

/** An invalid pointer was dereferenced (arch/powerpc/mm/fault.c, v4.18, `bad_page_fault`). */
const badAccess: Fault = { str: 'Kernel access of bad area', signal: 11 }
/** A trap, such as `BUG` (arch/powerpc/kernel/traps.c, v4.18, `program_check_exception`). */
const programCheck: Fault = { str: 'Exception in kernel mode', signal: 5 }

/**
 * Handles a fault in kernel mode: prints the Oops as powerpc v4.18 does (arch/powerpc/kernel/traps.c, `die`) and kills
 * the task. Its locks stay held. In a trial, only returns the halt.
 *
 * @param reason - the line that describes the fault
 * @param chain - call chain of the fault, innermost function first
 * @returns the halt that the caller throws
 */
function reportOops(reason: string, fault: Fault, chain: readonly string[]): Halt {
  const { config, trial } = currentMachine()
  if (trial !== null) return new Halt('oops', reason)
  const task = currentTask()
  const nip = chain[0] ?? '?'
  debug_locks_off()
  if (fault === programCheck) {
    printk(LOGLEVEL_DEFAULT, '------------[ cut here ]------------\n')
    pr_crit('%s\n', reason)
  } else {
    printk(LOGLEVEL_ALERT, '%s\nFaulting instruction address: <addr>\n', reason)
  }
  printk(LOGLEVEL_DEFAULT, 'Oops: %s, sig: %d [#%d]\n', fault.str, fault.signal, ++traps().die_counter)
  printk(LOGLEVEL_DEFAULT, '%s SMP NR_CPUS=4 NUMA pSeries\n', config.endian === 'little' ? 'LE' : 'BE')
  printModules()
  printCpuLine()
  printk(LOGLEVEL_DEFAULT, 'NIP %s\nLR %s\n', nip, chain[1] ?? '?')
  printCallTrace(chain)
  printk(LOGLEVEL_DEFAULT, '---[ end trace ]---\n')
  taint.add(TAINT_DIE)
  emitEvent('oops', { function: nip, reason, held: heldLockNames(task) })
  do_exit(task, fault.signal)
  return new Halt('oops', reason)
}

/**
 * Models the beginning of `do_exit` (kernel/exit.c, v4.18). If the task dies in an atomic section, the sleep check
 * reports `exit_signals`.
 */
function do_exit(task: task_struct, signal: number): void {
  task.exit_code = signal
  exit_signals()
  if (task.preempt_count !== 0 && currentMachine().config.lockDebugging) {
    pr_info('note: %s[%d] exited with preempt_count %d\n', task.comm, task.pid, task.preempt_count)
  }
}

/**
 * Models `exit_signals` (kernel/signal.c, v4.18). In the kernel, it can wait while control groups change. Here, only
 * its sleep check is modelled.
 */
function exit_signals(): void {
  might_sleep('include/linux/cgroup-defs.h:708')
}

/** Raises an Oops: code dereferenced an invalid pointer or wrote to read-only memory. */
export function oops(reason: string): never {
  throw reportOops(reason, badAccess, callsHere().functions)
}

/** Returns the line of an Oops that shows the faulting address. */
function noDataAt(address: number): string {
  return `Unable to handle kernel paging request for data at address 0x${address.toString(16).padStart(8, '0')}`
}

/**
 * Maps a JavaScript error thrown by kernel code to the halt of its task. `BadAccess` is an Oops at its address. A
 * `TypeError` about an access through null, such as "Cannot read properties of null", is an Oops at 0. Exhaustion of
 * the JavaScript stack is a kernel stack overflow.
 *
 * @returns null for any other error: a bug of the program, not of the kernel. A `TypeError` about `undefined` is such
 *   an error, because no C pointer is `undefined`
 */
export function haltOfProgram(fault: unknown): Halt | null {
  if (fault instanceof BadAccess) return oopsOfProgram(fault, noDataAt(fault.address))
  if (fault instanceof TypeError && /\b(of|as it is) null\b/.test(fault.message))
    return oopsOfProgram(fault, noDataAt(0))
  if (fault instanceof RangeError && /call stack/.test(fault.message))
    return oopsOfProgram(fault, 'Kernel stack overflow in process')
  return null
}

/** Reports the Oops with the call chain of the throw, although JavaScript has unwound the stack since. */
function oopsOfProgram(fault: Error, reason: string): Halt {
  const machine = currentMachine()
  machine.unwound = callsAtFault(fault).functions
  try {
    return reportOops(reason, badAccess, machine.unwound)
  } finally {
    machine.unwound = []
  }
}

/**
 * Models `BUG` (arch/powerpc/include/asm/bug.h, v4.18): raises an Oops.
 *
 * @param at - file and line in the kernel source; in C, the compiler supplies them
 */
export function BUG(at: string): never {
  throw reportOops(`kernel BUG at ${at}!`, programCheck, callsHere().functions)
}

/** Models `BUG_ON` (arch/powerpc/include/asm/bug.h, v4.18): raises an Oops if the condition holds. */
export function BUG_ON(condition: boolean, at: string): void {
  if (condition) BUG(at)
}
