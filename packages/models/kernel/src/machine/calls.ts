// SPDX-License-Identifier: GPL-2.0-only
import type { Calls, CallStack } from './frames.ts'
import { hasShadowStack, shadowStack } from './shadow-stack.ts'
import { v8Stack } from './v8-stack.ts'

/** Compiled models keep a stack of their own. Models that run as they are written, in their own tests, have only that of V8. */
const stack: CallStack = hasShadowStack ? shadowStack : v8Stack

/** The kernel functions that run now. */
export const callsHere: () => Calls = stack.callsHere

/** The kernel functions that ran where an error was thrown; none if it was thrown by no function of the kernel. */
export const callsAtFault: (fault: unknown) => Calls = stack.callsAtFault

/**
 * Runs kernel code as a task of its own. Every call chain ends here; functions further out belong to the user of the machine.
 *
 * @returns what `body` returns
 */
export const enterKernel: <T>(body: () => T) => T = stack.enterKernel

/** As `callsAtFault`, as names, innermost first: for whoever tells why a program crashed. */
export function functionsAtFault(fault: unknown): readonly string[] {
  return callsAtFault(fault).functions
}
