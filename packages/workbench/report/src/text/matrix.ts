// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus, VariantSummary } from '@pfo-workbench/compare'
import { cellFinder, countByOracle, order, type Verdict } from '../view/comparison.ts'
import { gridOf, legendText } from '../view/grid.ts'
import { numbersOf } from '../view/names.ts'
import { counted, stackName, wrapped } from './lines.ts'
import type { Look } from './look.ts'
import { paint, sign, type Colors } from './status.ts'
import { panelsOf, tableText, widthOf } from './tables.ts'
import type { ToldCell, ToldComparison } from '../wording/told.ts'

/** A variant's column: its head, then a cell for each scenario. */
interface Column {
  readonly head: string
  readonly cells: readonly string[]
  readonly width: number
}

/** `+ leak 2`: how many findings of an oracle a cell has, by what became of them; a line for each. */
function cellLines(cell: ToldCell, isBaseline: boolean, colors: Colors): string[] {
  return order.flatMap((status) =>
    countByOracle(cell.findings, status).map(([oracle, count]) =>
      isBaseline
        ? `${oracle} ${String(count)}`
        : paint(colors, status, `${sign[status]} ${oracle} ${String(count)}`),
    ),
  )
}

/** Heads of detailed columns are broken at this width. */
const detailedHead = 40

function columnsOf(comparison: ToldComparison, colors: Colors): Column[] {
  const find = cellFinder(comparison)
  return comparison.variants.map((variant): Column => {
    const isBaseline = variant.id === comparison.baseline
    const cells = comparison.scenarios.map((scenario) => {
      const cell = find(variant.id, scenario.id)
      if (cell === undefined) return colors.red(variant.status)
      const ended = cell.outcome === 'completed' ? [] : [colors.bold(`ends in ${cell.outcome}`)]
      const changes = cell.changes.length === 0 ? [] : [`* ${counted(cell.changes.length, 'change')}`]
      const lines = [...ended, ...cellLines(cell, isBaseline, colors), ...changes]
      const all = lines.length === 0 ? ['clean'] : lines
      return [...unexercised(variant, isBaseline, colors), ...all].join('\n')
    })
    const name = stackName(variant.id, detailedHead)
    return { head: colors.bold(name), cells, width: widthOf([name, ...cells]) }
  })
}

function unexercised(variant: VariantSummary, isBaseline: boolean, colors: Colors): string[] {
  return variant.exercised || isBaseline ? [] : [colors.yellow('not exercised')]
}

function firstColumn({ scenarios }: ToldComparison): number {
  return widthOf(['scenario', ...scenarios.map(({ id }) => id)])
}

/** What each oracle found; an empty row keeps cells of several lines apart. */
function inDetail(comparison: ToldComparison, panel: readonly Column[], { colors, columns }: Look): string {
  const rows = comparison.scenarios.map(({ id }, index) => [
    id,
    ...panel.map(({ cells }) => cells[index] ?? ''),
  ])
  const spaced = rows.flatMap((row, index) => (index > 0 ? [row.map(() => ''), row] : [row]))
  const legend = wrapped(
    '',
    `Against ${comparison.baseline}: + introduced, ^ revealed, - fixed, / not reached, = kept (findings by oracle), * changes`,
    columns,
  )
  const table = tableText([colors.bold('scenario'), ...panel.map(({ head }) => head)], spaced)
  return `${legend}\n\n${table}`
}

const painted: Partial<Readonly<Record<Verdict, FindingStatus>>> = {
  introduced: 'introduced',
  clean: 'fixed',
  fixed: 'fixed',
}

/** A mark for each cell, and variants by their number in the ranking; the table goes on below with the next variants. */
export function briefMatrix(comparison: ToldComparison, { colors, columns: width }: Look): string {
  const rows = gridOf(comparison)
  const numbers = numbersOf(comparison)
  const columns = rows.map(({ variant, cells }) => {
    const head = numbers.get(variant.id) ?? ''
    const plain = cells.map(({ mark, end }) => end + mark)
    const marks = cells.map(({ verdict }, at) => paint(colors, painted[verdict] ?? 'kept', plain[at] ?? ''))
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

/** Of more variants than this not everything is said of each, and findings are told kind by kind. */
const fewVariants = 7

/** The table with what each oracle found; null where there are too many variants, or their names are too long. */
export function detailedMatrix(comparison: ToldComparison, look: Look): string | null {
  if (comparison.variants.length > fewVariants) return null
  const [panel, ...more] = panelsOf(columnsOf(comparison, look.colors), firstColumn(comparison), look.columns)
  return panel === undefined || more.length > 0 ? null : inDetail(comparison, panel, look)
}
