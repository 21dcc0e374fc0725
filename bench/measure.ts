// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs'

/** What something took, in milliseconds. */
export interface Cost {
  /** By the clock. */
  readonly wall: number
  /** On all processors together. Other programs hardly bear on it. */
  readonly cpu: number
}

/** The time of processes that this one started, and those started in turn, once they have ended; 0 where nobody knows. */
function cpuOfChildren(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1')
    // Before the last parenthesis stands the name, which can be anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system] = [Number(fields[13]), Number(fields[14])]
    // Linux tells programs of hundredths of a second.
    return (user + system) * 10
  } catch {
    return 0
  }
}

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000 + cpuOfChildren()
}

/** Does something and says what it took, with what it started and waited for. */
export async function measure(body: () => unknown): Promise<Cost> {
  const [wall, cpu] = [performance.now(), cpuNow()]
  await body()
  return { wall: performance.now() - wall, cpu: cpuNow() - cpu }
}

/** `12.3 s`, `45.6 ms`. */
export function time(milliseconds: number): string {
  return milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${milliseconds.toFixed(1)} ms`
}

/** `2.50x` */
export function ratio(one: number, other: number): string {
  return `${(one / other).toFixed(2)}x`
}

/** One line of results. */
export function line(what: string, ...values: readonly string[]): void {
  console.log(`  ${what.padEnd(44)}${values.map((value) => value.padStart(14)).join('')}`)
}

/** A heading, with the headings of its columns. */
export function heading(what: string, ...columns: readonly string[]): void {
  console.log(`\n${what.padEnd(46)}${columns.map((column) => column.padStart(14)).join('')}`)
}
