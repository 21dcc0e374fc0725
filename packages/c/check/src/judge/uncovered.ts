// SPDX-License-Identifier: GPL-2.0-only
import type { IrModule } from '@pfo-workbench/ir'
import { linesOf, type LineRange } from './entries.ts'

/** Those of some lines of a file that belong to no function of a module: declarations, or code that was left out. */
export function uncovered(
  module: IrModule,
  file: string,
  ranges: readonly LineRange[],
): readonly LineRange[] {
  const functions = [...module.functions.keys()].flatMap((name) => linesOf(module, name, file) ?? [])
  return ranges.filter(
    ({ first, last }) => !functions.some((lines) => first <= lines.last && last >= lines.first),
  )
}

/** The lines of the functions of a file that some lines belong to. */
export function functionsAround(
  module: IrModule,
  file: string,
  ranges: readonly LineRange[],
): readonly LineRange[] {
  return [...module.functions.keys()]
    .flatMap((name) => linesOf(module, name, file) ?? [])
    .filter((lines) => ranges.some(({ first, last }) => first <= lines.last && last >= lines.first))
}
