// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from '@pfo-workbench/run'

/** The code that the patches of a variant changed, as far as call chains show it. */
export interface ChangedCode {
  /** True if a changed statement may have made a call of the chain. */
  readonly isIn: (chain: CallChain) => boolean
  /** Names of the changed functions; null if unknown. */
  readonly functions: ReadonlySet<string> | null
}

/** If the changed code is unknown, it may have made any call. */
export const anythingChanged: ChangedCode = { isIn: () => true, functions: null }

/**
 * Code identified by its functions: any call that a changed function makes may come from a changed statement.
 *
 * @param functions - names of the functions with changed statements; null for changed code that appears in no call
 * chain
 */
export function codeInFunctions(functions: readonly (string | null)[]): ChangedCode {
  if (functions.includes(null)) return anythingChanged
  const names = new Set(functions.filter((name) => name !== null))
  return { isIn: (chain) => chain.some((frame) => names.has(frame.function)), functions: names }
}
