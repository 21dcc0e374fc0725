// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus, VariantSummary } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import { cellFinder, countByOracle, statusOrder, type CellStatus } from '../view/comparison.ts'
import { gridOf, legendText } from '../view/grid.ts'
import { numbersOf } from '../view/names.ts'
import { stackName, wrapped } from './lines.ts'
import type { TextStyle } from './text-style.ts'
import { paint, sign, type Colors } from './status.ts'
import { panelsOf, tableText, widthOf } from './tables.ts'
import type { CellView, ComparisonView } from '../wording/comparison-view.ts'

/** A variant's column: its heading, then a cell per scenario. */
interface Column {
  readonly head: string
  readonly cells: readonly string[]
  readonly width: number
}

/** One line per status and oracle, such as `+ leak 2`. */
function cellLines(cell: CellView, isUnpatched: boolean, colors: Colors): string[] {
  return statusOrder.flatMap((status) =>
    countByOracle(cell.findings, status).map(([oracle, count]) =>
      isUnpatched
        ? `${oracle} ${String(count)}`
        : paint(colors, status, `${sign[status]} ${oracle} ${String(count)}`),
    ),
  )
}

/** Width at which headings of detailed columns are wrapped. */
const detailedHead = 40

function columnsOf(comparison: ComparisonView, colors: Colors): Column[] {
  const find = cellFinder(comparison)
  return comparison.variants.map((variant): Column => {
    const isUnpatched = variant.id === comparison.baseline
    const cells = comparison.scenarios.map((scenario) => {
      const cell = find(variant.id, scenario.id)
      if (cell === undefined) return colors.red(variant.status)
      const ended = cell.outcome === 'completed' ? [] : [colors.bold(`ends in ${cell.outcome}`)]
      const changes = cell.changes.length === 0 ? [] : [`* ${counted(cell.changes.length, 'change')}`]
      const lines = [...ended, ...cellLines(cell, isUnpatched, colors), ...changes]
      const all = lines.length === 0 ? ['clean'] : lines
      return [...unexercised(variant, isUnpatched, colors), ...all].join('\n')
    })
    const name = stackName(variant.id, detailedHead)
    return { head: colors.bold(name), cells, width: widthOf([name, ...cells]) }
  })
}

function unexercised(variant: VariantSummary, isUnpatched: boolean, colors: Colors): string[] {
  return variant.exercised || isUnpatched ? [] : [colors.yellow('not exercised')]
}

function firstColumn({ scenarios }: ComparisonView): number {
  return widthOf(['scenario', ...scenarios.map(({ id }) => id)])
}

/** The matrix with findings by oracle. Empty rows separate cells of several lines. */
function inDetail(
  comparison: ComparisonView,
  panel: readonly Column[],
  { colors, columns }: TextStyle,
): string {
  const rows = comparison.scenarios.map(({ id }, index) => [
    id,
    ...panel.map(({ cells }) => cells[index] ?? ''),
  ])
  const spaced = rows.flatMap((row, index) => (index > 0 ? [row.map(() => ''), row] : [row]))
  const legend = wrapped(
    '',
    'Against the unpatched kernel: + introduced, ^ revealed, - fixed, / not reached, = kept (findings by oracle), * changes',
    columns,
  )
  const table = tableText([colors.bold('scenario'), ...panel.map(({ head }) => head)], spaced)
  return `${legend}\n\n${table}`
}

const painted: Partial<Readonly<Record<CellStatus, FindingStatus>>> = {
  introduced: 'introduced',
  clean: 'fixed',
  fixed: 'fixed',
}

/**
 * The matrix with one mark per cell. Columns are headed by the variants' numbers in the ranking; columns that do not
 * fit continue in another panel below.
 */
export function briefMatrix(comparison: ComparisonView, { colors, columns: width }: TextStyle): string {
  const rows = gridOf(comparison)
  const numbers = numbersOf(comparison)
  const columns = rows.map(({ variant, cells }) => {
    const head = numbers.get(variant.id) ?? ''
    const plain = cells.map(({ mark, end }) => end + mark)
    const marks = cells.map(({ status }, at) => paint(colors, painted[status] ?? 'kept', plain[at] ?? ''))
    return { head, marks, width: widthOf([head, ...plain]) }
  })
  const panels = panelsOf(columns, firstColumn(comparison), width).map((panel) =>
    tableText(
      [colors.bold('scenario'), ...panel.map(({ head }) => colors.bold(head))],
      comparison.scenarios.map(({ id }, index) => [id, ...panel.map(({ marks }) => marks[index] ?? '')]),
      ['left', ...panel.map((): 'right' => 'right')],
    ),
  )
  return [wrapped('', `${legendText(rows)}. Unpatched: number of findings.`, width), ...panels].join('\n\n')
}

/** With more variants, the report is brief: one mark per cell, and findings by kind. */
const fewVariants = 7

/** The detailed matrix; null if it does not fit or if there are too many variants. */
export function detailedMatrix(comparison: ComparisonView, look: TextStyle): string | null {
  if (comparison.variants.length > fewVariants) return null
  const [panel, ...more] = panelsOf(columnsOf(comparison, look.colors), firstColumn(comparison), look.columns)
  return panel === undefined || more.length > 0 ? null : inDetail(comparison, panel, look)
}
