// SPDX-License-Identifier: GPL-2.0-only
import type { Cell, Comparison, VariantSummary } from '@pfo-workbench/compare'
import { cellFinder, countByOracle, order, tally } from '../view/comparison.ts'
import { stackName, width } from './lines.ts'
import { paint, sign, type Colors } from './status.ts'
import { panelsOf, tableText, widthOf } from './tables.ts'

/** A variant's column: its head, then a cell for each scenario. */
interface Column {
  readonly head: string
  readonly cells: readonly string[]
  readonly width: number
}

type CellText = (cell: Cell, isBaseline: boolean, colors: Colors) => string[]

/** `+ leak 2`: how many findings of an oracle a cell has, by what became of them; a line for each. */
const inDetail: CellText = (cell, isBaseline, colors) =>
  order.flatMap((status) =>
    countByOracle(cell.findings, status).map(([oracle, count]) =>
      isBaseline
        ? `${oracle} ${String(count)}`
        : paint(colors, status, `${sign[status]} ${oracle} ${String(count)}`),
    ),
  )

/** `+2 -1 =9`: how many findings a cell has, by what became of them; one line for all. */
const inBrief: CellText = (cell, isBaseline, colors) => {
  const counts = tally(cell.findings)
  if (isBaseline) return counts.kept === 0 ? [] : [String(counts.kept)]
  const parts = order.flatMap((status) =>
    counts[status] === 0 ? [] : [paint(colors, status, `${sign[status]}${String(counts[status])}`)],
  )
  return parts.length === 0 ? [] : [parts.join(' ')]
}

/** Heads of brief columns are broken at this width. */
const briefHead = 14

/** Heads of detailed columns are broken at this width. */
const detailedHead = 40

function columnsOf(comparison: Comparison, cellText: CellText, head: number, colors: Colors): Column[] {
  const find = cellFinder(comparison)
  const ends = cellText === inBrief ? '' : 'ends in '
  return comparison.variants.map((variant): Column => {
    const isBaseline = variant.id === comparison.baseline
    const cells = comparison.scenarios.map((scenario) => {
      const cell = find(variant.id, scenario.id)
      if (cell === undefined) return colors.red(variant.status)
      const ended = cell.outcome === 'completed' ? [] : [colors.bold(`${ends}${cell.outcome}`)]
      const lines = [...ended, ...cellText(cell, isBaseline, colors)]
      const all = lines.length === 0 ? ['clean'] : lines
      return [...unexercised(variant, isBaseline, colors), ...all].join('\n')
    })
    const name = stackName(variant.id, head)
    return { head: colors.bold(name), cells, width: widthOf([name, ...cells]) }
  })
}

function unexercised(variant: VariantSummary, isBaseline: boolean, colors: Colors): string[] {
  return variant.exercised || isBaseline ? [] : [colors.yellow('not exercised')]
}

/**
 * The table: scenarios down, variants across. A few variants beside each other show what each oracle found; where there are
 * more, cells show numbers alone, and the table goes on below with the next variants.
 */
export function matrix(comparison: Comparison, colors: Colors): string {
  const names = comparison.scenarios.map(({ id }) => id)
  const first = widthOf(['scenario', ...names])
  const detailed = panelsOf(columnsOf(comparison, inDetail, detailedHead, colors), first, width)
  const isSmall = detailed.length === 1
  const panels = isSmall
    ? detailed
    : panelsOf(columnsOf(comparison, inBrief, briefHead, colors), first, width)
  return panels
    .map((panel) => {
      const rows = names.map((name, index) => [name, ...panel.map((column) => column.cells[index] ?? '')])
      // An empty row keeps cells of several lines apart.
      const spaced = isSmall
        ? rows.flatMap((row, index) => (index > 0 ? [row.map(() => ''), row] : [row]))
        : rows
      return tableText([colors.bold('scenario'), ...panel.map((column) => column.head)], spaced)
    })
    .join('\n\n')
}
