// SPDX-License-Identifier: GPL-2.0-only
import type { Recommendation } from '../../recommend/recommend.ts'
import { wrapped } from '../lines.ts'
import { gap } from '../tables.ts'
import type { Row } from './rows.ts'

/** Column widths of the table. */
export interface Layout {
  readonly name: number
  readonly figures: number
  readonly why: number
}

/** In a narrower column, a reason is placed next to the figures only if it fits on one line. */
const narrowWhy = 28

/** Share of a line that names may take. */
const nameShare = 0.29

export function nameColumns(columns: number): number {
  return Math.max(16, Math.floor(columns * nameShare))
}

export function layoutOf(columns: number, rows: readonly Row[], head: string): Layout {
  const longest = Math.max(
    8,
    ...rows.flatMap(({ names, figures }) => (figures.length === 0 ? [] : [names.length])),
  )
  const name = Math.min(longest, nameColumns(columns))
  return { name, figures: head.length, why: columns - 2 - name - 1 - head.length - gap }
}

/** Splits names where a line may end: after a name, and after the hyphens of a name longer than a line. */
function nameParts(names: string, columns: number): string[] {
  return names
    .split(/(?<=\+|, )/)
    .flatMap((name) => (name.trimEnd().length <= columns ? [name] : name.split(/(?<=-)/)))
}

/** Wraps names in a column. */
function nameLines(names: string, columns: number): string[] {
  const lines = ['']
  for (const part of nameParts(names, columns)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && (line + part).trimEnd().length > columns) lines.push(part)
    else lines[lines.length - 1] = line + part
  }
  return lines.flatMap((line) => wrapped('', line.trimEnd(), columns).split('\n'))
}

/** The longest wording that fits into this number of lines, or else the shortest wording. */
function whyLines(reasons: Recommendation['reasons'], columns: number, maxLines: number): string[] {
  const ways = reasons.map((reason) => wrapped('', reason, Math.max(1, columns)).split('\n'))
  return ways.find((lines) => lines.length <= maxLines) ?? ways.at(-1) ?? []
}

/** The minimal form of a row, or the form with all useful detail. */
export type RowDetail = 'short' | 'long'

export function linesOf(
  row: Row,
  layout: Layout,
  head: readonly string[],
  columns: number,
  detail: RowDetail,
): string[] {
  if (row.figures.length === 0) return wrapped('  ', `${row.names}: ${row.reasons[0]}`, columns).split('\n')
  const names = nameLines(row.names, layout.name)
  const shortest = whyLines(row.reasons, layout.why, 1)
  const isWhole = wrapped('', row.reasons[0], Math.max(1, layout.why)).split('\n').length === 1
  const besideWhy =
    layout.why >= narrowWhy && detail === 'long'
      ? whyLines(row.reasons, layout.why, 2)
      : shortest.length <= Math.max(1, names.length) && (detail === 'short' || isWhole)
        ? shortest
        : []
  const figures = row.figures.map((one, at) => one.padStart(head[at]?.length ?? 0)).join(' ')
  const beside = Array.from({ length: Math.max(names.length, besideWhy.length) }, (_, at) => {
    const name = (names[at] ?? '').padEnd(layout.name)
    return `  ${name} ${(at === 0 ? figures : '').padEnd(layout.figures + gap)}${besideWhy[at] ?? ''}`.trimEnd()
  })
  if (besideWhy.length > 0) return beside
  const maxLines = detail === 'short' ? 1 : 2
  return [...beside, ...whyLines(row.reasons, columns - 6, maxLines).map((line) => `      ${line}`)]
}
