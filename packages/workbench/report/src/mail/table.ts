// SPDX-License-Identifier: GPL-2.0-only
import { stackName, wrapped } from '../text/lines.ts'
import { panelsOf, tableText, widthOf } from '../text/tables.ts'
import { gridOf, legendText, scenarioNumber } from '../view/grid.ts'
import { namer } from '../view/names.ts'
import { columns, section } from './lines.ts'
import type { ToldComparison } from '../wording/told.ts'

/** Width of the names of variants. */
const nameColumns = 28

/** Variants down, scenarios across by number; where they do not fit beside each other the table goes on below. */
export function table(comparison: ToldComparison): string {
  const rows = gridOf(comparison)
  const name = namer(comparison)
  const names = rows.map(({ variant: { id } }) =>
    stackName(id === comparison.baseline ? 'unpatched' : name(id), nameColumns),
  )
  const scenarios = comparison.scenarios.map((_, index) => {
    const cells = rows.map(({ cells }) => `${cells[index]?.end ?? ''}${cells[index]?.mark ?? ''}`)
    return { head: scenarioNumber(index), cells, width: widthOf([scenarioNumber(index), ...cells]) }
  })
  const panels = panelsOf(scenarios, widthOf(names), columns).map((panel) =>
    tableText(
      ['', ...panel.map(({ head }) => head)],
      names.map((name, row) => [name, ...panel.map(({ cells }) => cells[row] ?? '')]),
      ['left', ...panel.map((): 'right' => 'right')],
    ),
  )
  const legend = wrapped('', `${legendText(rows)}. unpatched: number of findings.`, columns)
  return section('Patches and scenarios (named below)', [panels.join('\n\n'), '', legend])
}
