// SPDX-License-Identifier: GPL-2.0-only
import { tally, type Verdict } from '../view/comparison.ts'
import type { GridCell } from '../view/grid.ts'

/** The signs that plain text has no characters for. */
const typeset: Readonly<Record<string, string>> = { ok: '✓', '.': '·', x: '×' }

/** The matrix's sign of a verdict: its mark as a page shows it. */
export function signOf({ mark }: GridCell): string {
  return typeset[mark] ?? mark.replace('-', '−')
}

/** What is still wrong in a cell: `9 left`. */
export function restOf({ verdict, cell }: GridCell): string {
  if (cell === undefined || verdict === 'reference' || verdict === 'quiet' || verdict === 'clean') return ''
  const { introduced, kept } = tally(cell.findings)
  return introduced + kept === 0 ? '' : `${String(introduced + kept)} left`
}

/** A cell in words. */
export function wordsOf({ verdict, cell }: GridCell): string {
  if (cell === undefined) return 'not played'
  const { introduced, fixed, kept } = tally(cell.findings)
  const ended = cell.outcome === 'completed' ? [] : [`ends in ${cell.outcome}`]
  if (verdict === 'reference') return [`${String(kept)} findings`, ...ended].join(', ')
  const numbers = [
    ...(introduced > 0 ? [`introduces ${String(introduced)}`] : []),
    ...(fixed > 0 ? [`fixes ${String(fixed)}`] : []),
    ...(kept > 0 ? [`leaves ${String(kept)}`] : []),
  ]
  const said = numbers.length === 0 ? ['nothing found'] : numbers
  return [...(verdict === 'unexercised' ? ['not exercised'] : []), ...said, ...ended].join(', ')
}

export const legend: readonly (readonly [verdict: Verdict, sign: string, meaning: string])[] = [
  ['introduced', '+N', 'introduces N findings that the unpatched kernel does not have'],
  ['clean', '✓', 'fixes everything'],
  ['fixed', '−N', 'fixes N, leaves some'],
  ['kept', '=', 'as on the unpatched kernel'],
  ['quiet', '·', 'nothing to find'],
  ['unexercised', '?', 'no changed line of the variant ran in any scenario'],
  ['unplayed', '×', 'not played: conflict, invalid, crashed or out of time'],
]
