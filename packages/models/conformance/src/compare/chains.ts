// SPDX-License-Identifier: GPL-2.0-only
import { countingFunctions, leftOutFunctions } from '../not-compared.ts'

const countingNames: ReadonlySet<string> = new Set(countingFunctions.functions)
const leftOutNames: ReadonlySet<string> = new Set(leftOutFunctions.flatMap(({ functions }) => functions))

/** Suffix that the compiler appends to the name of a function that it cloned or split. */
const cloneSuffix = /\.(part|isra|constprop)\.\d+$/

/** `machine_subsys_initcall(pseries, rng_init)` defines a wrapper function with this prefix. */
const initcallPrefix = /^__machine_initcall_pseries_/

/**
 * A trace without the functions ignored on both sides, with the names in the source. Merges a clone with its function,
 * and an initcall with the wrapper that a macro defines.
 */
export function comparableTrace(functions: readonly string[]): string[] {
  const names: string[] = []
  for (const [index, name] of functions.entries()) {
    const plain = name.replace(cloneSuffix, '').replace(initcallPrefix, '')
    const isCut = cloneSuffix.test(functions[index - 1] ?? '') || initcallPrefix.test(name)
    const wasCut = isCut && names.at(-1) === plain
    if (!wasCut && !leftOutNames.has(plain)) names.push(plain)
  }
  return names
}

/** The callers of a reference or lifecycle event: a trace without reference counting functions. */
export function comparableChain(functions: readonly string[]): string[] {
  return comparableTrace(functions).filter((name) => !countingNames.has(name))
}

/** True if `chain` starts with all of `beginning`. */
export function beginsWith(chain: readonly string[], beginning: readonly string[]): boolean {
  return beginning.length <= chain.length && beginning.every((name, index) => name === chain[index])
}

/**
 * True if a replayed chain starts with the recorded one. Recorded chains of references and lifecycle events are limited
 * to four functions; replayed ones are complete.
 */
export function chainsAgree(recorded: readonly string[], replayed: readonly string[]): boolean {
  return beginsWith(comparableChain(replayed), comparableChain(recorded))
}

/** `a < b < c`: the functions of a chain that are compared; with `length`, at most this many. */
export function formatChain(functions: readonly string[], length?: number): string {
  return comparableChain(functions).slice(0, length).join(' < ')
}
