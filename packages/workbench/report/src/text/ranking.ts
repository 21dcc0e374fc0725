// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'
import { ranked } from '../view/comparison.ts'
import { numbersOf } from '../view/names.ts'
import { totalColumns, type TotalColumn } from '../view/totals.ts'
import { rankReasonOf } from '../view/reasons.ts'
import { stackName, wrapped } from './lines.ts'
import type { TextStyle } from './text-style.ts'
import { paint, type Colors } from './status.ts'
import { gap, tableText, widthOf } from './tables.ts'
import type { ComparisonView } from '../wording/comparison-view.ts'

/** Maximum width of the column of ids; longer ids are wrapped. */
const idColumns = 44

function numbers(
  variant: VariantSummary,
  totals: readonly TotalColumn[],
  isUnpatched: boolean,
  colors: Colors,
): string[] {
  return totals.map(({ head, of }, at) => {
    if (variant.status !== 'ok') return at === 0 ? colors.red(variant.status) : ''
    if (isUnpatched) return head === 'kept' ? String(variant.kept) : ''
    const status = head === 'fixed' || head === 'introduced' ? head : 'kept'
    return of(variant) > 0 ? paint(colors, status, String(of(variant))) : '0'
  })
}

/** Maximum width of the column of ids next to reasons, and its maximum share of a line. */
const [briefColumns, briefShare] = [30, 0.375]

/** The ranking with numbers, which the matrix uses as headings, and reasons. `=` marks equal ranks. */
export function numberedRanking(comparison: ComparisonView, { colors, columns }: TextStyle): string {
  const variants = ranked(comparison)
  const places = numbersOf(comparison)
  const widest = Math.min(briefColumns, Math.floor(columns * briefShare))
  const names = variants.map(({ id }) =>
    stackName(id === comparison.baseline ? `${id} (unpatched)` : id, widest),
  )
  const numbers = variants.map((variant, index) => {
    const isEqual = variant.status === 'ok' && variants[index - 1]?.rank === variant.rank
    return `${isEqual ? '=' : ''}${places.get(variant.id) ?? ''}`
  })
  const free = columns - widthOf(numbers) - widthOf(names) - 2 * gap
  const rows = variants.map((variant, index) => {
    const why = wrapped('', rankReasonOf(comparison, variant), free)
    const status = variant.introduced > 0 || variant.status !== 'ok' ? 'introduced' : 'kept'
    const lines = why.split('\n').map((line) => paint(colors, status, line))
    return [numbers[index] ?? '', names[index] ?? '', lines.join('\n')]
  })
  return tableText(['', 'variant', 'why'], rows, ['right'])
}

/** Minimum width of the column of ids next to numbers. */
const leastIdColumns = 16

/**
 * The ranking, one variant per line. Variants that could not be played come last. Null if the numbers leave no room for
 * the names.
 */
export function ranking(comparison: ComparisonView, { colors, columns }: TextStyle): string | null {
  const totals = totalColumns(comparison.variants)
  const heads = totals.map(({ head }) => head)
  const free = columns - 'rank'.length - gap - heads.reduce((sum, head) => sum + head.length + gap, 0)
  if (free < leastIdColumns) return null
  const rows = ranked(comparison).map((variant) => {
    const isUnpatched = variant.id === comparison.baseline
    const isSilent = variant.status === 'ok' && !variant.exercised
    const mark = isUnpatched ? ' (unpatched)' : isSilent ? ' (not exercised)' : ''
    const rank = variant.status === 'ok' ? String(variant.rank) : '-'
    const name = stackName(variant.id + mark, Math.min(idColumns, free))
    return [rank, name, ...numbers(variant, totals, isUnpatched, colors)]
  })
  return tableText(['rank', 'variant', ...heads], rows, [
    'right',
    'left',
    ...heads.map((): 'right' => 'right'),
  ])
}
