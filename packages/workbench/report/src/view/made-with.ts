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

/** The assumed functions that any run of the comparison called, in alphabetical order. */
export function assumedFunctions({ cells }: { readonly cells: readonly Pick<Cell, 'assumed'>[] }): string[] {
  return [...new Set(cells.flatMap(({ assumed }) => assumed))].sort()
}

/** Says whether models or C code ran. */
export function playedOn({ kernel, compiler }: Pick<Comparison, 'kernel' | 'compiler'>): string {
  return compiler === undefined
    ? `Played on an executable model of Linux ${kernel}, not on hardware.`
    : `Played on the C of Linux ${kernel}, compiled by ${compiler} and run in a sandbox, not on hardware.`
}
