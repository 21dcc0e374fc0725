// SPDX-License-Identifier: GPL-2.0-only
import { callsHere } from '../machine/calls.ts'
import { currentMachine, currentTask, emitEvent, fileScope } from '../machine/machine.ts'
import { LOGLEVEL_DEFAULT, pr_warn, printk } from './printk.ts'
import { vsnprintf, type FormatArgument } from '../lib/vsprintf.ts'

/**
 * Taint letters of v4.18 in the order in which they are printed (kernel/panic.c, `taint_flags`). The first is always
 * `G`, because no model is a proprietary module.
 */
const taintOrder = 'GFSRMBUDAWCIOELKXT'
/** Taint: a page was in a bad state (kernel/panic.c, v4.18). */
export const TAINT_BAD_PAGE = 'B'
/** Taint: there was an Oops (kernel/panic.c, v4.18). */
export const TAINT_DIE = 'D'
/** Taint: there was a warning (kernel/panic.c, v4.18). */
export const TAINT_WARN = 'W'
/** Taint: there was a soft lockup (kernel/panic.c, v4.18). */
export const TAINT_SOFTLOCKUP = 'L'

const panic = fileScope(() => ({
  taints: new Set<string>(),
  warned: new Set<string>(),
  modules: [] as string[],
}))

/** The taint flags of the kernel. */
export const taint = {
  /** Sets one of `TAINT_*`. */
  add(flag: string): void {
    panic().taints.add(flag)
  },
  /** Returns `Not tainted`, or `Tainted: G        W        ` (kernel/panic.c, `print_tainted`). */
  text(): string {
    const taints = panic().taints
    if (taints.size === 0) return 'Not tainted'
    return `Tainted: ${Array.from(taintOrder, (flag) => (flag === 'G' || taints.has(flag) ? flag : ' ')).join('')}`
  },
}

/** Sets the modules that reports list as linked in, newest first. */
export function setLinkedModules(names: readonly string[]): void {
  panic().modules = [...names]
}

/** Models `print_modules` (kernel/module.c, v4.18). */
export function printModules(): void {
  printk(LOGLEVEL_DEFAULT, 'Modules linked in: %s\n', panic().modules.join(' '))
}

/** Prints a line such as `CPU: 0 PID: 1 Comm: init Not tainted 4.18.0`. */
export function printCpuLine(): void {
  const { pid, comm } = currentTask()
  printk(LOGLEVEL_DEFAULT, 'CPU: 0 PID: %d Comm: %s %s 4.18.0\n', pid, comm, taint.text())
}

/** Prints a call chain as kernel reports do, innermost function first. */
export function printCallTrace(chain: readonly string[]): void {
  printk(LOGLEVEL_DEFAULT, 'Call Trace:\n')
  for (const name of chain) printk(LOGLEVEL_DEFAULT, '%s\n', name)
}

/** Models `dump_stack` (lib/dump_stack.c). */
export function dump_stack(): void {
  printCpuLine()
  printCallTrace(callerChain())
}

/** Returns the kernel call chain without the reporting functions. */
function callerChain(): readonly string[] {
  const chain = callsHere().functions
  const first = chain.findIndex((name) => !reporters.has(name))
  return first < 0 ? [] : chain.slice(first)
}

const reporters = new Set(['dump_stack', 'warn_slowpath_fmt'])

/** Models `warn_slowpath_fmt` and `__warn` (kernel/panic.c, v4.18): prints a warning. */
function warn_slowpath_fmt(at: string, message: string, once: boolean): void {
  const chain = callerChain()
  const name = chain[0] ?? '?'
  const [file = '', line = '0'] = at.split(':')
  if (message !== '') {
    pr_warn('------------[ cut here ]------------\n')
    printk(LOGLEVEL_DEFAULT, '%s\n', message)
  }
  pr_warn('WARNING: CPU: 0 PID: %d at %s %s\n', currentTask().pid, at, name)
  printModules()
  printCpuLine()
  printk(LOGLEVEL_DEFAULT, 'NIP %s\n', name)
  printCallTrace(chain)
  printk(LOGLEVEL_DEFAULT, '---[ end trace ]---\n')
  taint.add(TAINT_WARN)
  emitEvent('warn', { file, line: Number(line), function: name, text: message, once })
}

/**
 * Models `WARN_ON` (include/asm-generic/bug.h): warns every time.
 *
 * @param condition - warns if true
 * @param at - file and line in the kernel source (`drivers/of/dynamic.c:252`); in C, the compiler supplies them
 * @returns the condition
 */
export function WARN_ON(condition: boolean, at = 'unknown:0'): boolean {
  if (condition && !currentMachine().inspecting) warn_slowpath_fmt(at, '', false)
  return condition
}

/** Models `WARN` (include/asm-generic/bug.h, v4.18): `WARN_ON` with a message. */
export function WARN(
  condition: boolean,
  at: string,
  fmt: string,
  ...args: readonly FormatArgument[]
): boolean {
  if (condition && !currentMachine().inspecting) {
    warn_slowpath_fmt(at, vsnprintf(fmt, args).replace(/\n$/, ''), false)
  }
  return condition
}

/** Models `WARN_ONCE` (include/asm-generic/bug.h, v4.18): `WARN`, but only once per call site and boot. */
export function WARN_ONCE(
  condition: boolean,
  at: string,
  fmt: string,
  ...args: readonly FormatArgument[]
): boolean {
  if (condition && !currentMachine().inspecting && !panic().warned.has(at)) {
    panic().warned.add(at)
    warn_slowpath_fmt(at, vsnprintf(fmt, args).replace(/\n$/, ''), true)
  }
  return condition
}
