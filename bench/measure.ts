// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/** Measured time, in milliseconds. */
export interface Cost {
  /** Wall-clock time. */
  readonly wall: number
  /** CPU time on all processors. Other programs have little influence on it. */
  readonly cpu: number
}

/** CPU time of child processes that have ended, including their own children; 0 if unknown. */
function cpuOfChildren(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // The process name ends at the last parenthesis and can contain any character.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system] = [Number(fields[13]), Number(fields[14])]
    // Linux counts in hundredths of a second.
    return (user + system) * 10
  } catch {
    return 0
  }
}

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + cpuOfChildren()
}

/** Runs `body` and measures its time, including child processes that it waited for. */
export async function measure(body: () => unknown): Promise<Cost> {
  const [wall, cpu] = [performance.now(), cpuNow()]
  await body()
  return { wall: performance.now() - wall, cpu: cpuNow() - cpu }
}

/** Formats a time, for example as `12.3 s` or `45.6 ms`. */
export function time(milliseconds: number): string {
  return milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${milliseconds.toFixed(1)} ms`
}

/** Formats how often `one` contains `other`, for example as `2.50x`. */
export function ratio(one: number, other: number): string {
  return `${(one / other).toFixed(2)}x`
}

/** Prints one line of results. */
export function line(what: string, ...values: readonly string[]): void {
  console.log(`  ${what.padEnd(44)}${values.map((value) => value.padStart(14)).join('')}`)
}

/** Prints a heading with column names. */
export function heading(what: string, ...columns: readonly string[]): void {
  console.log(`\n${what.padEnd(46)}${columns.map((column) => column.padStart(14)).join('')}`)
}
