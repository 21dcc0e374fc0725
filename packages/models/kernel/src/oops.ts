// SPDX-License-Identifier: GPL-2.0-only
import { CapturedStack, framesOf, type CallChain } from './frames.ts'
import { Halt } from './halt.ts'
import { currentMachine, currentTask, emitEvent, fileScope } from './machine.ts'
import { printCallTrace, printCpuLine, taint, TAINT_DIE } from './panic.ts'
import { pr_crit, printk } from './printk.ts'

const traps = fileScope(() => ({ die_counter: 0 }))

/**
 * A fault in kernel mode: prints the Oops as powerpc v4.18 does (arch/powerpc/kernel/traps.c, `die`) and kills the
 * task. Its locks stay held.
 *
 * @param reason - the line that says what happened
 * @param chain - where, innermost function first
 */
function die(reason: string, chain: CallChain): Halt {
  const machine = currentMachine()
  const task = currentTask()
  const nip = chain[0]?.function ?? '?'
  pr_crit('%s\n', reason)
  pr_crit('Faulting instruction address: <addr>\n')
  pr_crit('Oops: Kernel access of bad area, sig: 11 [#%d]\n', ++traps().die_counter)
  pr_crit('%s SMP NR_CPUS=4 NUMA pSeries\n', machine.config.endian === 'little' ? 'LE' : 'BE')
  printCpuLine()
  printk(4, 'NIP %s\nLR %s\n', nip, chain[1]?.function ?? '?')
  printCallTrace(chain)
  printk(4, '---[ end trace ]---\n')
  taint.add(TAINT_DIE)
  if (task.preempt_count > 0) {
    printk(6, 'note: %s[%d] exited with preempt_count %d\n', task.comm, task.pid, task.preempt_count)
  }
  emitEvent('oops', { function: nip, reason, held: task.held_locks.map((held) => held.lock.name) })
  return new Halt('oops', reason)
}

/** Takes an Oops here. */
export function oops(reason: string): never {
  throw die(reason, new CapturedStack().frames)
}

/** Follows a pointer that leads nowhere: an Oops. */
export function badPointer(reason: string): never {
  return oops(reason)
}

/**
 * Follows a pointer as C does: without a test. NULL is an Oops.
 *
 * @param pointer - the pointer that is about to be followed
 * @param offset - offset of the field that is accessed first, in bytes, as the Oops shows it
 */
export function followPointer<T>(pointer: T | null | undefined, offset = 0): T {
  if (pointer === null || pointer === undefined) {
    const address = `0x${offset.toString(16).padStart(8, '0')}`
    oops(`Unable to handle kernel paging request for data at address ${address}`)
  }
  return pointer
}

/**
 * What a JavaScript error in kernel code stands for. "Cannot read properties of null" is a NULL pointer followed, a
 * RangeError the end of the kernel stack; anything else is a fault of the program, not of the kernel.
 */
export function haltOfProgram(fault: unknown): Halt | null {
  if (fault instanceof TypeError && /of (null|undefined)/.test(fault.message)) {
    return die(`Unable to handle kernel paging request for data at address 0x00000000`, framesOf(fault))
  }
  if (fault instanceof RangeError) return die('Kernel stack overflow in process', framesOf(fault))
  return null
}

/** Models `BUG_ON` (include/asm-generic/bug.h): an Oops when the condition holds. */
export function BUG_ON(condition: boolean, at: string): void {
  if (condition) oops(`kernel BUG at ${at}!`)
}
