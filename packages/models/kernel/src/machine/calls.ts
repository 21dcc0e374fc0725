// SPDX-License-Identifier: GPL-2.0-only
import type { Calls, CallStack } from './frames.ts'
import { hasShadowStack, shadowStack } from './shadow-stack.ts'
import { v8Stack } from './v8-stack.ts'

/** Compiled models maintain a shadow stack. Models that run uncompiled, in their own tests, only have the V8 stack. */
const stack: CallStack = hasShadowStack ? shadowStack : v8Stack

/** Returns the kernel functions that are running. */
export const callsHere: () => Calls = stack.callsHere

/** Returns the kernel functions that were running when an error was thrown; none if no kernel function threw it. */
export const callsAtFault: (fault: unknown) => Calls = stack.callsAtFault

/**
 * Runs kernel code as a task. Every call chain ends here: functions further out belong to the user of the machine.
 *
 * @returns the result of `body`
 */
export const enterKernel: <T>(body: () => T) => T = stack.enterKernel

/** Returns the names of `callsAtFault`, innermost first, to explain the crash of a program. */
export function functionsAtFault(fault: unknown): readonly string[] {
  return callsAtFault(fault).functions
}
