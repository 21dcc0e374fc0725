// SPDX-License-Identifier: GPL-2.0-only

/** One function of a kernel call chain, from any engine. */
export interface Frame {
  readonly function: string
  readonly file?: string
  readonly line?: number
}

/** A call chain, innermost function first. */
export type CallChain = readonly Frame[]

/** The kernel functions that were running at one moment. */
export interface Calls {
  /** Names of the functions, innermost first. Computed when read, because most call chains are never read. */
  readonly functions: readonly string[]
}

/** The source of kernel call chains. */
export interface CallStack {
  /** Returns the functions that are running. */
  readonly callsHere: () => Calls
  /** Returns the functions that were running when an error was thrown, even if JavaScript has unwound them since. */
  readonly callsAtFault: (fault: unknown) => Calls
  /** Runs `body` as the outermost function of a task: its call chains do not show functions further out. */
  readonly enterKernel: <T>(body: () => T) => T
}

/**
 * Formats a call chain as `a < b < c`, innermost first, as everywhere in the workbench.
 *
 * @param length - number of innermost functions to show; all by default
 */
export function formatChain(chain: CallChain, length: number = chain.length): string {
  return chain
    .slice(0, length)
    .map((frame) => frame.function)
    .join(' < ')
}
