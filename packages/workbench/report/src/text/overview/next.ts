// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import type { Recommendation } from '../../recommend/recommend.ts'
import { assumedFunctions } from '../../view/made-with.ts'
import { counted, wrapped } from '../lines.ts'
import { tableText } from '../tables.ts'

/** The patch that fixes most of those that are not to be merged: the one to be asked about. */
function mostTempting(all: readonly Recommendation[]): Recommendation | undefined {
  return all
    .filter(({ verdict, variant }) => verdict === 'do-not-merge' && variant.patches.length === 1)
    .toSorted((a, b) => b.variant.fixed - a.variant.fixed)[0]
}

/** How many functions of the kernel only pretend; nothing where none does. */
export function assumedLines(comparison: Comparison, columns: number): string[] {
  const { length } = assumedFunctions(comparison)
  if (length === 0) return []
  return wrapped(
    '',
    `${counted(length, 'function')} of the kernel only assumed: --full names them`,
    columns,
  ).split('\n')
}

/** What to run next. */
export function nextLines(
  hidden: number,
  all: readonly Recommendation[],
  columns: number,
  option: string,
): string[] {
  const bad = mostTempting(all)?.variant.id
  const more = hidden > 0 ? `${counted(hidden, 'more variant')}, matrix and evidence` : 'Matrix and evidence'
  const rows = [
    [`${more}:`, `pfo compare${option} --full`],
    ...(bad === undefined ? [] : [[`Why is ${bad} bad?`, `pfo explain${option} ${bad}`]]),
    ['As a page:', `pfo compare${option} --format html --output report.html`],
  ]
  const text = tableText([], rows).split('\n')
  const fits = text.every((line) => line.length <= columns)
  return fits
    ? text
    : rows.flatMap(([what = '', command = '']) => wrapped('', `${what} ${command}`, columns).split('\n'))
}
