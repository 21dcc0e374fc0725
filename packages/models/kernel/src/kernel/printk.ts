// SPDX-License-Identifier: GPL-2.0-only
import { currentMachine, emitEvent, fileScope } from '../machine/machine.ts'
import { vsnprintf, type FormatArgument } from '../lib/vsprintf.ts'

// Kernel log levels (include/linux/kern_levels.h, v4.18).

/** The system is unusable (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_EMERG = 0
/** Needs immediate action (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_ALERT = 1
/** Critical conditions (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_CRIT = 2
/** Errors (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_ERR = 3
/** Warnings (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_WARNING = 4
/** Normal but significant (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_NOTICE = 5
/** Informational (include/linux/kern_levels.h, v4.18). */
export const LOGLEVEL_INFO = 6
/** Level of a `printk` without a level (include/linux/printk.h, v4.18; `CONFIG_MESSAGE_LOGLEVEL_DEFAULT`). */
export const LOGLEVEL_DEFAULT: number = LOGLEVEL_WARNING

const log = fileScope(() => ({ partial: null as { level: number; text: string } | null }))

/**
 * Models `vprintk_emit` (kernel/printk/printk.c, v4.18): appends to the console. Text without a trailing newline waits
 * in a buffer for a continuation. The models print no continuations, so the next message turns the buffered text into a
 * line of its own. During an inspection or a trial, only formats the arguments, because that can fault.
 *
 * @param level - kernel log level, 0 (emergency) to 7 (debug)
 * @param fmt - format string of `vsnprintf`
 */
export function printk(level: number, fmt: string, ...args: readonly FormatArgument[]): void {
  const text = vsnprintf(fmt, args)
  if (currentMachine().inspecting) return
  const lines = text.split('\n')
  const rest = lines.pop() ?? ''
  const { partial } = log()
  log().partial = rest === '' ? null : { level, text: rest }
  if (partial !== null) emitEvent('printk', partial)
  for (const line of lines) emitEvent('printk', { level, text: line })
}

/** Models `pr_crit` (include/linux/printk.h, v4.18). */
export function pr_crit(fmt: string, ...args: readonly FormatArgument[]): void {
  printk(LOGLEVEL_CRIT, fmt, ...args)
}
/** Models `pr_err` (include/linux/printk.h, v4.18). */
export function pr_err(fmt: string, ...args: readonly FormatArgument[]): void {
  printk(LOGLEVEL_ERR, fmt, ...args)
}
/** Models `pr_warn` (include/linux/printk.h, v4.18). */
export function pr_warn(fmt: string, ...args: readonly FormatArgument[]): void {
  printk(LOGLEVEL_WARNING, fmt, ...args)
}
/** Models `pr_notice` (include/linux/printk.h, v4.18). */
export function pr_notice(fmt: string, ...args: readonly FormatArgument[]): void {
  printk(LOGLEVEL_NOTICE, fmt, ...args)
}
/** Models `pr_info` (include/linux/printk.h, v4.18). */
export function pr_info(fmt: string, ...args: readonly FormatArgument[]): void {
  printk(LOGLEVEL_INFO, fmt, ...args)
}
