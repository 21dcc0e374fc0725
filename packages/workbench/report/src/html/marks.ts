// SPDX-License-Identifier: GPL-2.0-only
import { tally } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { GridCell } from '../view/grid.ts'

/** The sign that the page shows for a plain-text mark. */
const signs: Readonly<Record<string, string>> = { ok: '✓', '.': '·', x: '×' }

/** Converts a plain-text mark to the page's typography. */
export function typeset(mark: string): string {
  return signs[mark] ?? mark.replace('-', '−')
}

/**
 * Shows a cell in at most two characters: the sign of its mark, or the letter of an early end. Only introduced findings
 * have both. The unpatched kernel has no sign.
 */
export function cellSign({ status, mark, end }: GridCell): string {
  const sign = status === 'reference' ? '' : (typeset(mark)[0] ?? '')
  return end === '' ? sign : `${status === 'introduced' ? sign : ''}${end}`
}

/** Describes a cell in words. */
export function wordsOf({ status, cell }: GridCell): string {
  if (cell === undefined) return 'not played'
  const { introduced, revealed, fixed, notReached, kept } = tally(cell.findings)
  const ended = cell.outcome === 'completed' ? [] : [`ends in ${cell.outcome}`]
  if (status === 'reference') return [counted(kept, 'finding'), ...ended].join(', ')
  const numbers = [
    ...(introduced > 0 ? [`introduces ${String(introduced)}`] : []),
    ...(revealed > 0 ? [`reveals ${String(revealed)}`] : []),
    ...(fixed > 0 ? [`fixes ${String(fixed)}`] : []),
    ...(notReached > 0 ? [`does not reach ${String(notReached)}`] : []),
    ...(kept > 0 ? [`leaves ${String(kept)}`] : []),
    ...(cell.changes.length > 0 ? [counted(cell.changes.length, 'change')] : []),
  ]
  const said = numbers.length === 0 ? ['nothing found'] : numbers
  return [...(status === 'unexercised' ? ['not exercised'] : []), ...said, ...ended].join(', ')
}
