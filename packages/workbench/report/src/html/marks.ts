// SPDX-License-Identifier: GPL-2.0-only
import { counted } from '../text/lines.ts'
import { tally } from '../view/comparison.ts'
import type { GridCell } from '../view/grid.ts'

/** The signs that plain text has no characters for. */
const signs: Readonly<Record<string, string>> = { ok: '✓', '.': '·', x: '×' }

/** A mark of plain text as a page shows it. */
export function typeset(mark: string): string {
  return signs[mark] ?? mark.replace('-', '−')
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
  if (verdict === 'reference') return [counted(kept, 'finding'), ...ended].join(', ')
  const numbers = [
    ...(introduced > 0 ? [`introduces ${String(introduced)}`] : []),
    ...(fixed > 0 ? [`fixes ${String(fixed)}`] : []),
    ...(kept > 0 ? [`leaves ${String(kept)}`] : []),
  ]
  const said = numbers.length === 0 ? ['nothing found'] : numbers
  return [...(verdict === 'unexercised' ? ['not exercised'] : []), ...said, ...ended].join(', ')
}
