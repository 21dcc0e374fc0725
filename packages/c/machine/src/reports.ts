// SPDX-License-Identifier: GPL-2.0-only
import { isAtLeast } from './config.ts'
import type { Machine, Taint } from './machine.ts'
import type { ChainFrame } from './stack.ts'
import { labelOf } from './task.ts'

/** Log levels (include/linux/kern_levels.h). */
export const logLevel = {
  emergency: 0,
  alert: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notice: 5,
  info: 6,
} as const

/** Taint letters in print order (kernel/panic.c, `taint_flags`). The first is always printed as `G`. */
const taintOrder = 'GFSRMBUDAWCIOELKXT'

/** `Not tainted`, or `Tainted: G        W        ` (kernel/panic.c, `print_tainted`). */
function taintText(machine: Machine): string {
  const { taints } = machine
  if (taints.size === 0) return 'Not tainted'
  const letters = Array.from(taintOrder, (flag) => (flag === 'G' || taints.has(flag as Taint) ? flag : ' '))
  return `Tainted: ${letters.join('')}`
}

const cutHere = '------------[ cut here ]------------'

/** The output of `__warn` and `report_bug` (kernel/panic.c, lib/bug.c). */
export function printWarning(
  machine: Machine,
  {
    at,
    chain,
    cutHere: cuts,
  }: { readonly at: string; readonly chain: readonly ChainFrame[]; readonly cutHere: boolean },
): void {
  const { journal } = machine
  if (cuts) journal.print(logLevel.warning, cutHere)
  const { pid } = machine.current
  journal.print(logLevel.warning, `WARNING: CPU: 0 PID: ${String(pid)} at ${at} ${chain[0]?.function ?? '?'}`)
  printStateAndTrace(machine, chain)
  machine.taints.add('W')
}

/** The line before the message of a `WARN`. */
export function printCutHere(machine: Machine): void {
  machine.journal.print(logLevel.warning, cutHere)
}

/** The cause of a fault, as passed to `die` (arch/powerpc/kernel/traps.c). */
export type Fault =
  | { readonly kind: 'access'; readonly pointer: bigint; readonly write: boolean }
  | { readonly kind: 'fetch'; readonly pointer: bigint }
  | { readonly kind: 'bug'; readonly at: string }
  | { readonly kind: 'stack-overflow' }
  | { readonly kind: 'trap' }

/** The line that describes a fault (arch/powerpc/mm/fault.c, `bad_page_fault`; lib/bug.c). */
export function faultText({ options: { release } }: Machine, fault: Fault): string {
  const isOld = !isAtLeast(release, [5, 2])
  switch (fault.kind) {
    case 'access': {
      const address = `0x${fault.pointer.toString(16).padStart(8, '0')}`
      if (isOld) return `Unable to handle kernel paging request for data at address ${address}`
      const what =
        fault.pointer < 0x10000n ? 'Kernel NULL pointer dereference' : 'Unable to handle kernel data access'
      return `BUG: ${what} on ${fault.write ? 'write' : 'read'} at ${address}`
    }
    case 'fetch':
      if (isOld) return 'Unable to handle kernel paging request for instruction fetch'
      return `BUG: Unable to handle kernel instruction fetch${fault.pointer < 0x10000n ? ' (NULL pointer?)' : ''}`
    case 'bug':
      return `kernel BUG at ${fault.at}!`
    case 'stack-overflow':
      return 'Kernel stack overflow in process'
    case 'trap':
      return 'Exception in kernel mode'
  }
}

/** The output of a fault in kernel mode (arch/powerpc/kernel/traps.c, `die`). */
export function printOops(machine: Machine, fault: Fault, chain: readonly ChainFrame[]): void {
  const { journal } = machine
  const isTrap = fault.kind === 'bug' || fault.kind === 'trap'
  if (fault.kind === 'bug') journal.print(logLevel.warning, cutHere)
  journal.print(isTrap ? logLevel.critical : logLevel.alert, faultText(machine, fault))
  if (!isTrap) journal.print(logLevel.alert, 'Faulting instruction address: <addr>')
  const [what, signal] = isTrap ? ['Exception in kernel mode', 5] : ['Kernel access of bad area', 11]
  machine.oopses++
  journal.print(logLevel.warning, `Oops: ${what}, sig: ${String(signal)} [#${String(machine.oopses)}]`)
  printStateAndTrace(machine, chain)
  machine.taints.add('D')
}

/** The common lines of reports. */
function printStateAndTrace(machine: Machine, chain: readonly ChainFrame[]): void {
  const { journal } = machine
  journal.print(logLevel.warning, `Modules linked in: ${machine.linkedModules.join(' ')}`)
  printProcessor(machine)
  journal.print(logLevel.warning, `NIP ${chain[0]?.function ?? '?'}`)
  printTrace(machine, chain)
  journal.print(logLevel.warning, '---[ end trace ]---')
}

/** `CPU: 0 PID: 1 Comm: init Not tainted 6.1.176`. */
function printProcessor(machine: Machine): void {
  const { pid, comm } = machine.current
  const { text } = machine.options.release
  machine.journal.print(
    logLevel.warning,
    `CPU: 0 PID: ${String(pid)} Comm: ${comm} ${taintText(machine)} ${text}`,
  )
}

/** A call chain in reports, innermost function first. */
function printTrace(machine: Machine, chain: readonly ChainFrame[]): void {
  machine.journal.print(logLevel.warning, 'Call Trace:')
  for (const frame of chain) machine.journal.print(logLevel.warning, frame.function)
}

/** The output of `dump_stack` (lib/dump_stack.c). */
export function printStack(machine: Machine, chain: readonly ChainFrame[] = machine.chainHere()): void {
  printProcessor(machine)
  printTrace(machine, chain)
}

/** The output of `__might_resched`, or `___might_sleep` before 5.17 (kernel/sched/core.c). */
export function printSleepInAtomic(machine: Machine, at: string, chain?: readonly ChainFrame[]): void {
  const { journal, current } = machine
  const atomic = current.preemptCount === 0 ? 0 : 1
  const irqs = current.irqsDisabled > 0 ? 1 : 0
  journal.print(logLevel.error, `BUG: sleeping function called from invalid context at ${at}`)
  const blocks = isAtLeast(machine.options.release, [5, 4]) ? ' non_block: 0,' : ''
  journal.print(
    logLevel.error,
    `in_atomic(): ${String(atomic)}, irqs_disabled(): ${String(irqs)},${blocks} pid: ${String(current.pid)}, name: ${current.comm}`,
  )
  printStack(machine, chain)
  machine.taints.add('W')
}

/**
 * Models `schedule_debug` (kernel/sched/core.c): the current task yields the processor. Reports it if the task must not
 * sleep, and resets the count of its sections. Only a kernel with lock debugging counts them. The printed count is one
 * higher, because the scheduler itself is such a section.
 */
export function checkScheduling(machine: Machine): void {
  const { comm, pid, preemptCount } = machine.current
  if (preemptCount === 0 || !machine.options.lockDebugging) return
  const count = ((preemptCount + 1) >>> 0).toString(16).padStart(8, '0')
  machine.journal.print(logLevel.error, `BUG: scheduling while atomic: ${comm}/${String(pid)}/0x${count}`)
  printStack(machine)
  machine.taints.add('W')
  machine.journal.emit('lock.report', {
    report: 'scheduling-while-atomic',
    lock: '',
    function: machine.chainHere()[0]?.function ?? '?',
    holder: null,
  })
  machine.current.preemptCount = 0
}

/** The output of `check_hung_task` (kernel/hung_task.c) about a task that never woke up. */
export function printBlocked(machine: Machine): void {
  const { journal, current, options } = machine
  checkScheduling(machine)
  const { hungTaskTimeout, release } = options
  journal.print(
    logLevel.error,
    `INFO: task ${current.comm}:${String(current.pid)} blocked for more than ${String(hungTaskTimeout)} seconds.`,
  )
  journal.print(logLevel.error, `      ${taintText(machine)} ${release.text}`)
  journal.print(logLevel.error, '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.')
  printTrace(machine, machine.chainHere())
}

/**
 * The output of RCU about a processor that spins. The processor itself detects the stall; with interrupts off, another
 * processor detects it.
 */
export function printStall(machine: Machine): void {
  const { journal, current, options } = machine
  // The RCU flavours were merged in 4.20.
  const rcu = isAtLeast(options.release, [4, 20]) ? 'rcu: INFO: rcu_sched' : 'INFO: rcu_sched'
  if (current.irqsDisabled === 0) journal.print(logLevel.error, `${rcu} self-detected stall on CPU`)
  else journal.print(logLevel.error, `${rcu} detected stalls on CPUs/tasks:`)
  printStack(machine)
}

/** The output of SLUB about a double free (mm/slub.c, `free_consistency_checks`). */
export function printDoubleFree(
  machine: Machine,
  cache: string,
  allocated: readonly ChainFrame[],
  freed: readonly ChainFrame[],
): void {
  const { journal } = machine
  journal.print(logLevel.error, '='.repeat(77))
  journal.print(logLevel.error, `BUG ${cache} (${taintText(machine)}): Object already free`)
  journal.print(logLevel.error, '-'.repeat(77))
  machine.taints.add('B')
  for (const [what, chain] of [['Allocated', allocated] as const, ['Freed', freed] as const]) {
    const [user] = chain
    if (user !== undefined) journal.print(logLevel.error, `INFO: ${what} in ${user.function}`)
  }
  printStack(machine)
}

/** Describes the holder of a lock that a task waits for. */
export function describeHolder(machine: Machine, lock: bigint): string {
  const { current } = machine
  const holder = machine.holdersOf(lock)[0] ?? current
  if (holder === current) return 'its own call chain'
  const label = labelOf(holder)
  if (holder.killed) return `${label}, which an Oops killed`
  return holder.state === 'dead'
    ? `${label}, which left without releasing it`
    : `${label}, which waits as well`
}
