// SPDX-License-Identifier: GPL-2.0-only
import { verdicts, type Verdict } from '../../recommend/recommend.ts'
import type { Colors } from '../status.ts'
import type { RowDetail } from './row-lines.ts'
import { byImportance, type Row } from './rows.ts'
import { verdictTitle } from './verdict-title.ts'

/** Lists as many rows as fit, grouped by verdict. `hidden` counts the variants that did not fit. */
export function groupLines(
  rows: readonly Row[],
  linesOf: (row: Row, detail: RowDetail) => string[],
  room: number,
  colors: Colors,
): { lines: string[]; shown: Row[]; hidden: number } {
  const shown = new Map<Row, string[]>()
  const groups = new Set<Verdict>()
  let used = 0
  for (const row of byImportance(rows)) {
    const lines = linesOf(row, 'short')
    const height = lines.length + (groups.has(row.verdict) ? 0 : 1)
    if (used + height > room) continue
    used += height
    shown.set(row, lines)
    groups.add(row.verdict)
  }
  for (const row of byImportance(rows)) {
    const [lines, longer] = [shown.get(row), linesOf(row, 'long')]
    if (lines === undefined || used + longer.length - lines.length > room) continue
    used += longer.length - lines.length
    shown.set(row, longer)
  }
  const kept = rows.filter((row) => shown.has(row))
  const text = verdicts.flatMap((verdict) => {
    const own = kept.filter((row) => row.verdict === verdict)
    if (own.length === 0) return []
    const title = verdictTitle(
      verdict,
      own.some(({ isStack }) => isStack),
    )
    const painted = own.flatMap((row) => (shown.get(row) ?? []).map((line) => paintRow(line, row, colors)))
    return [colors.bold(title), ...painted]
  })
  const hidden = rows.filter((row) => !shown.has(row)).reduce((sum, { variants }) => sum + variants, 0)
  return { lines: text, shown: kept, hidden }
}

function paintRow(line: string, { verdict }: Row, colors: Colors): string {
  if (verdict === 'merge') return colors.green(line)
  return verdict === 'do-not-merge' ? colors.red(line) : line
}
