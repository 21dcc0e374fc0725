// SPDX-License-Identifier: GPL-2.0-only
// Separate from the schema: programs in the sandbox import this file and do not need zod.
import type { CallChain } from './frame.ts'

/** Function names of a call chain, in the same order. */
export function functionsOf(chain: CallChain): string[] {
  return chain.map((frame) => frame.function)
}

/** True if the call chain passes through the function. */
export function passesThrough(chain: CallChain, name: string): boolean {
  return chain.some((frame) => frame.function === name)
}

/**
 * True if a call, made by the same callers, led to an event: the event's call chain ends with the call chain of the
 * call.
 */
export function ledTo(call: CallChain, event: CallChain): boolean {
  const from = event.length - call.length
  return from >= 0 && call.every((frame, index) => event[from + index]?.function === frame.function)
}
