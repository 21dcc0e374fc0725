// SPDX-License-Identifier: GPL-2.0-only
import { stripVTControlCharacters } from 'node:util'
import type { Cell, Comparison, VariantSummary } from '@pfo-workbench/compare'
import Table from 'cli-table3'
import { width, wrapped } from './lines.ts'
import { noBorders, withoutTrailingBlanks } from './ranking.ts'
import { order, paint, sign, type Colors } from './status.ts'

/** `+ leak 2`: how many findings of an oracle a cell has, by what became of them. */
function cellLines(cell: Cell, isBaseline: boolean, colors: Colors): string[] {
  const lines = order.flatMap((status) => {
    const counts = new Map<string, number>()
    for (const finding of cell.findings) {
      if (finding.status === status) counts.set(finding.oracle, (counts.get(finding.oracle) ?? 0) + 1)
    }
    return [...counts].map(([oracle, count]) =>
      isBaseline
        ? `${oracle} ${String(count)}`
        : paint(colors, status, `${sign[status]} ${oracle} ${String(count)}`),
    )
  })
  const ended = cell.outcome === 'completed' ? [] : [colors.bold(`ends in ${cell.outcome}`)]
  return lines.length + ended.length === 0 ? ['clean'] : [...ended, ...lines]
}

/** One column of the matrix: its head, then a cell for each scenario. */
function columnOf(comparison: Comparison, variant: VariantSummary, colors: Colors): string[][] {
  const isBaseline = variant.id === comparison.baseline
  return comparison.scenarios.map((scenario) => {
    const cell = comparison.cells.find((one) => one.variant === variant.id && one.scenario === scenario.id)
    if (cell === undefined) return [colors.red(variant.status)]
    const lines = cellLines(cell, isBaseline, colors)
    return variant.exercised || isBaseline ? lines : [colors.yellow('not exercised'), ...lines]
  })
}

/** Space between columns. */
const gap = 2

/** No column is wider: ids that are longer are broken. */
const widest = 40

function widthOf(column: readonly (readonly string[])[]): number {
  return Math.min(widest, Math.max(...column.flat().map((line) => stripVTControlCharacters(line).length)))
}

/**
 * The table: scenarios down, variants across. Where more variants are compared than fit beside each other it goes on below
 * with the next ones.
 */
export function matrix(comparison: Comparison, colors: Colors): string {
  const { variants, scenarios } = comparison
  const names = ['scenario', ...scenarios.map((scenario) => scenario.id)]
  const first = Math.max(...names.map((name) => name.length)) + gap
  const columns = variants.map((variant) => {
    const cells = columnOf(comparison, variant, colors)
    // A stack's id is as long as it has patches: one a line.
    const head = variant.id.split('+').join('\n+')
    return { head: wrapped('', head, widest), cells, width: widthOf([head.split('\n'), ...cells]) }
  })
  const panels: (typeof columns)[] = []
  let used = width
  for (const column of columns) {
    if (used + column.width + gap > width + gap) {
      panels.push([])
      used = first
    }
    panels.at(-1)?.push(column)
    used += column.width + gap
  }
  return panels.map((panel) => tableOf(names, panel, colors)).join('\n\n')
}

function tableOf(
  names: readonly string[],
  panel: readonly { head: string; cells: string[][] }[],
  colors: Colors,
): string {
  const [corner = '', ...scenarios] = names
  const grid = new Table({
    head: [corner, ...panel.map((column) => column.head)].map((head) => colors.bold(head)),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': gap },
  })
  scenarios.forEach((scenario, index) => {
    // An empty row keeps cells of several lines apart.
    if (index > 0) grid.push(['', ...panel.map(() => '')])
    grid.push([scenario, ...panel.map((column) => column.cells[index]?.join('\n') ?? '')])
  })
  return withoutTrailingBlanks(grid.toString())
}
