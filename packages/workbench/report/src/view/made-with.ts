// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison } from '@pfo-workbench/compare'

/** Compiler and configuration of a C kernel; null for the models. */
export function madeWith({
  compiler,
  configuration,
}: Pick<Comparison, 'compiler' | 'configuration'>): string | null {
  if (compiler === undefined) return null
  return configuration === undefined ? compiler : `${compiler}; ${configuration}`
}

/** The assumed functions that a run called, in alphabetical order. */
export function assumedFunctions({ cells }: { readonly cells: readonly Pick<Cell, 'assumed'>[] }): string[] {
  return [...new Set(cells.flatMap(({ assumed }) => assumed))].sort()
}
