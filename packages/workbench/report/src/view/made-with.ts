// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison } from '@pfo-workbench/compare'

/** What a kernel of C was compiled with; null for models. */
export function madeWith({
  compiler,
  configuration,
}: Pick<Comparison, 'compiler' | 'configuration'>): string | null {
  if (compiler === undefined) return null
  return configuration === undefined ? compiler : `${compiler}; ${configuration}`
}

/** Functions that the engine only pretends to have, and that a run called, in alphabetical order. */
export function assumedFunctions({ cells }: { readonly cells: readonly Pick<Cell, 'assumed'>[] }): string[] {
  return [...new Set(cells.flatMap(({ assumed }) => assumed))].sort()
}
