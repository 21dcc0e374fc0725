// SPDX-License-Identifier: GPL-2.0-only
import { statFields } from './proc-stat.ts'

/** Length of Linux clock ticks in user space, in ms. */
const tick = 10

/**
 * Returns the processor time of a process's main thread, in ms. Only this thread runs the requested work.
 *
 * @returns null if unknown: the process is gone, or this is not Linux
 */
export function processorTime(pid: number): number | null {
  try {
    const fields = statFields(`${String(pid)}/task/${String(pid)}`)
    return (Number(fields[11]) + Number(fields[12])) * tick
  } catch {
    return null
  }
}
