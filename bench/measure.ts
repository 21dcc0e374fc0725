// SPDX-License-Identifier: GPL-2.0-only

/** What something took, in milliseconds. */
export interface Cost {
  /** By the clock. */
  readonly wall: number
  /** On all processors together. Other programs hardly bear on it. */
  readonly cpu: number
}

const cpuNow = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Does something in this process and says what it took. */
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
