// SPDX-License-Identifier: GPL-2.0-only
import { COUNTING_FUNCTIONS, LEFT_OUT_FUNCTIONS } from '../not-compared.ts'

const COUNTING: ReadonlySet<string> = new Set(COUNTING_FUNCTIONS.functions)
const LEFT_OUT: ReadonlySet<string> = new Set(LEFT_OUT_FUNCTIONS.flatMap(({ functions }) => functions))

/** What the compiler appends to the name of a function that it cut up. */
const CLONE = /\.(part|isra|constprop)\.\d+$/

/** `machine_subsys_initcall(pseries, rng_init)` makes a function of this name around it. */
const MACHINE_INITCALL = /^__machine_initcall_pseries_/

/**
 * A trace without the functions that are left out on both sides, the others by their names in the source. A clone and the
 * function it was cut from are one, and so are an initcall and what a macro makes around it.
 */
export function comparableTrace(functions: readonly string[]): string[] {
  const names: string[] = []
  for (const [index, name] of functions.entries()) {
    const plain = name.replace(CLONE, '').replace(MACHINE_INITCALL, '')
    const isCut = CLONE.test(functions[index - 1] ?? '') || MACHINE_INITCALL.test(name)
    const wasCut = isCut && names.at(-1) === plain
    if (!wasCut && !LEFT_OUT.has(plain)) names.push(plain)
  }
  return names
}

/** The callers of a reference or a life event: a trace without the functions that count. */
export function comparableChain(functions: readonly string[]): string[] {
  return comparableTrace(functions).filter((name) => !COUNTING.has(name))
}

/** Whether a chain begins with all of another. */
export function beginsWith(chain: readonly string[], beginning: readonly string[]): boolean {
  return beginning.length <= chain.length && beginning.every((name, index) => name === chain[index])
}

/**
 * Whether a replayed chain begins with what was recorded: recorded chains of references and life events are cut off after
 * four functions, replayed ones are whole.
 */
export function chainsAgree(recorded: readonly string[], replayed: readonly string[]): boolean {
  return beginsWith(comparableChain(replayed), comparableChain(recorded))
}

/** `a < b < c`, cut to as many functions as are compared. */
export function formatChain(functions: readonly string[], length?: number): string {
  return comparableChain(functions).slice(0, length).join(' < ')
}
