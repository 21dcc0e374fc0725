// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import { linesOf, type LineRange } from './entries.ts'

/** The ranges that overlap no function of the module: declarations, or code that the preprocessor removed. */
export function linesOutsideFunctions(
  module: IrModule,
  file: string,
  ranges: readonly LineRange[],
): readonly LineRange[] {
  const functions = [...module.functions.keys()].flatMap((name) => linesOf(module, name, file) ?? [])
  return ranges.filter(
    ({ first, last }) => !functions.some((lines) => first <= lines.last && last >= lines.first),
  )
}

/** The lines of all functions that overlap one of the ranges. */
export function functionsAround(
  module: IrModule,
  file: string,
  ranges: readonly LineRange[],
): readonly LineRange[] {
  return [...module.functions.keys()]
    .flatMap((name) => linesOf(module, name, file) ?? [])
    .filter((lines) => ranges.some(({ first, last }) => first <= lines.last && last >= lines.first))
}
