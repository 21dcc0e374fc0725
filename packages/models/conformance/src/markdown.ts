// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayComparison } from './compare.ts'

/** Totals of one variant, or of all variants. */
interface Sum {
  recordings: number
  compared: number
  agreed: number
}

const headings = ['variant', 'recordings', 'facts compared', 'agreed']

/** The agreement as a Markdown table in Prettier's format: one row per variant, by name, and a total. */
export function formatMarkdown(comparisons: readonly ReplayComparison[]): string {
  const sums = new Map<string, Sum>()
  const all: Sum = { recordings: 0, compared: 0, agreed: 0 }
  for (const { variant, compared, agreed } of comparisons) {
    const own = sums.get(variant) ?? { recordings: 0, compared: 0, agreed: 0 }
    sums.set(variant, own)
    for (const sum of [own, all]) {
      sum.recordings += 1
      sum.compared += compared
      sum.agreed += agreed
    }
  }
  const total = rowOf('all', all).map((cell) => `**${cell}**`)
  const rows = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([variant, sum]) => rowOf(labelOf(variant), sum))
  return table([headings, ...rows, total])
}

/** Label of a row. Recordings call the unpatched kernel `base` or `stock`. */
function labelOf(variant: string): string {
  return variant === 'base' || variant === 'stock' ? `unpatched (${variant})` : variant
}

function rowOf(name: string, { recordings, compared, agreed }: Sum): string[] {
  return [name, ...[recordings, compared, agreed].map(String)]
}

/** The first column is left-aligned, numbers are right-aligned. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const padded = (row: readonly string[]): string =>
    line(
      row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      ),
    )
  const rule = line(
    widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)),
  )
  const [header = [], ...body] = rows
  return padded(header) + rule + body.map(padded).join('')
}
