// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from '@pfo-workbench/run'

/** What the patches of a variant changed, as far as call chains can tell. */
export interface ChangedCode {
  /** Whether a call in a chain may be made by a changed statement. */
  readonly isIn: (chain: CallChain) => boolean
  /** Names of the changed functions; null where they are not known. */
  readonly functions: ReadonlySet<string> | null
}

/** Where nothing is known of what changed, every call may be made by it. */
export const anythingChanged: ChangedCode = { isIn: () => true, functions: null }

/**
 * Code that is known by its functions: a call that a changed function makes may be made by a changed statement.
 *
 * @param functions - names of the functions with changed statements; null stands for changed code that no call chain shows
 */
export function changedFunctions(functions: readonly (string | null)[]): ChangedCode {
  if (functions.includes(null)) return anythingChanged
  const names = new Set(functions.filter((name) => name !== null))
  return { isIn: (chain) => chain.some((frame) => names.has(frame.function)), functions: names }
}
