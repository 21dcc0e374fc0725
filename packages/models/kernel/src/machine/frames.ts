// SPDX-License-Identifier: GPL-2.0-only

/** One function of a kernel call chain, whatever engine it came from. */
export interface Frame {
  readonly function: string
  readonly file?: string
  readonly line?: number
}

/** A call chain, innermost function first. */
export type CallChain = readonly Frame[]

/** The kernel functions that were running at one moment. */
export interface Calls {
  /** Their names, innermost first. They are written out when this is read: most chains never are. */
  readonly functions: readonly string[]
}

/** What knows which functions of the kernel run. */
export interface CallStack {
  /** The functions that run now. */
  readonly callsHere: () => Calls
  /** The functions that ran where an error was thrown, which may be unwound by now. */
  readonly callsAtFault: (fault: unknown) => Calls
  /** Runs `body` as the outermost function of a task: no chain in it shows what is further out. */
  readonly enterKernel: <T>(body: () => T) => T
}

/** `a < b < c`, innermost first: how call chains are written everywhere in the workbench. */
export function formatChain(chain: CallChain, length: number = chain.length): string {
  return chain
    .slice(0, length)
    .map((frame) => frame.function)
    .join(' < ')
}
