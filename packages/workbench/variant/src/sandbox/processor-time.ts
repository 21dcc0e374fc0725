// SPDX-License-Identifier: GPL-2.0-only
import { statFields } from '../processes/proc-stat.ts'

/** Length of the ticks in which Linux tells times to programs, in ms. */
const tick = 10

/**
 * How long the main thread of a process was on a processor, in ms. Only that thread runs what the process was asked to do.
 *
 * @returns null where this is not known: the process is gone, or this is not Linux
 */
export function processorTime(pid: number): number | null {
  try {
    const fields = statFields(`${String(pid)}/task/${String(pid)}`)
    return (Number(fields[11]) + Number(fields[12])) * tick
  } catch {
    return null
  }
}
