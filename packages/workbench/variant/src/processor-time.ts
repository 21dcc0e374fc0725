// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/** Length of the ticks in which Linux tells times to programs, in ms. */
const tick = 10

/**
 * How long the main thread of a process was on a processor, in ms. Only that thread runs what the process was asked to do.
 *
 * @returns null where this is not known: the process is gone, or this is not Linux
 */
export function processorTime(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/stat`, 'latin1')
    // What comes before the last parenthesis is the name, which can be anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * tick
  } catch {
    return null
  }
}
