// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import type { ReportOptions } from '../../options.ts'
import { recommendations, type Recommendation } from '../../recommend/recommend.ts'
import { limitLines } from '../limits.ts'
import { wrapped } from '../lines.ts'
import type { Colors } from '../status.ts'
import { answer, headLines } from './answer.ts'
import { groupLines } from './groups.ts'
import { nextLines } from './next-commands.ts'
import { layoutOf, linesOf, nameColumns, type RowDetail } from './row-lines.ts'
import { headOf, rowsOf, type Row } from './rows.ts'
import { legendLines, lettersFor } from './stack-letters.ts'

/** Number of lines on a screen. */
export const screenLines = 45

/** Lines reserved for the legend: while its size is not known, and at most. */
const [minLegend, maxLegend] = [4, 9]

/**
 * The answer, then the variants by verdict.
 *
 * @param room - maximum number of lines; variants that do not fit are counted
 * @param bottom - makes the last lines; `hidden` is the number of variants that do not fit
 */
export function overviewLines(
  comparison: Comparison,
  columns: number,
  colors: Colors,
  room: number,
  bottom: (hidden: number, all: readonly Recommendation[]) => readonly string[] = () => [],
): string[] {
  const all = recommendations(comparison)
  const hasRevealed = all.some(({ variant }) => variant.revealed > 0)
  const head = headOf(hasRevealed)
  const letters = lettersFor(all, nameColumns(columns))
  const name = (id: string): string => letters.get(id) ?? id
  const inText = (id: string): string => (letters.has(id) ? `stack ${name(id)}` : id)
  const rows = rowsOf(all, hasRevealed, name)
  const layout = layoutOf(columns, rows, head.join(' '))
  const filled = (text: string): string[] => wrapped('', text, columns).split('\n')
  const top = [
    ...headLines(comparison).flatMap(filled),
    '',
    ...filled(answer(all, comparison.scenarios.length, inText)).map((line) => colors.bold(line)),
    '',
    `${' '.repeat(layout.name + 3)}${head.join(' ')}`,
  ]
  const note = hasRevealed ? filled('shown: the unpatched kernel has these bugs too, but hides them') : []
  const end = (hidden: number): string[] => [...note, ...bottom(hidden, all)]
  // The empty line above the legend takes one line.
  const free = room - top.length - end(1).length - 1
  const known = new Map<Row, Partial<Record<RowDetail, string[]>>>(rows.map((row) => [row, {}]))
  const lines = (row: Row, detail: RowDetail): string[] => {
    const own = known.get(row) ?? {}
    return (own[detail] ??= linesOf(row, layout, head, columns, detail))
  }
  // The legend depends on the rows that fit, and the rows that fit depend on the size of the legend. Repeat with the
  // size of the last legend.
  let groups = groupLines(rows, lines, free - minLegend, colors)
  let legend = legendLines(all, letters, groups.shown, columns)
  for (let round = 0; round < 2; round++) {
    groups = groupLines(rows, lines, free - Math.min(legend.length, maxLegend), colors)
    legend = legendLines(all, letters, groups.shown, columns)
  }
  const left = free - groups.lines.length
  const shownLegend = legend.length > left ? [...legend.slice(0, Math.max(0, left - 1)), '[...]'] : legend
  const below = [...shownLegend, ...end(groups.hidden)]
  return [...top, ...groups.lines, ...(below.length > 0 ? [''] : []), ...below]
}

/**
 * All variants on one screen: the answer, the variants by verdict, and the next commands.
 *
 * @param comparison - the comparison, with printable texts
 * @param columns - maximum width
 */
export function overview(
  comparison: Comparison,
  columns: number,
  colors: Colors,
  options: ReportOptions = {},
): string {
  const bottom = (hidden: number, all: readonly Recommendation[]): string[] => [
    ...limitLines(comparison, columns),
    ...nextLines(hidden, all, columns, options),
  ]
  return [...overviewLines(comparison, columns, colors, screenLines, bottom), ''].join('\n')
}
