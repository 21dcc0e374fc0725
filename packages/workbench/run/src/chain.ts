// SPDX-License-Identifier: GPL-2.0-only
// Apart from the schema: programs in the sandbox use this, and have no use for a parser.
import type { CallChain } from './frame.ts'

/** The names of the functions of a call chain, in the same order. */
export function functionsOf(chain: CallChain): string[] {
  return chain.map((frame) => frame.function)
}

/** Whether a call chain passes through a function. */
export function passesThrough(chain: CallChain, name: string): boolean {
  return chain.some((frame) => frame.function === name)
}
