// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'
import { neverRan } from '../view/exercise.ts'
import { wrapped } from './lines.ts'

/** Lists the changed statements that never ran, with the reason if it is known. */
export function unexercisedLines(variant: VariantSummary, columns: number): string[] {
  return neverRan(variant).map(({ file, line, statement, removed, never }) => {
    const why = never === undefined ? '' : ` (${never})`
    const what = `${removed === true ? 'removed: ' : ''}${statement}`
    return wrapped('  ', `${file}:${String(line)}: ${what}${why}`, columns)
  })
}
