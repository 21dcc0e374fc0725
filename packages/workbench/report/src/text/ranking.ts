// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, VariantSummary } from '@pfo-workbench/compare'
import { ranked } from '../view/comparison.ts'
import { stackName } from './lines.ts'
import { paint, type Colors } from './status.ts'
import { tableText } from './tables.ts'

/** Widest column of ids; longer ids are broken. */
const idColumns = 44

function numbers(variant: VariantSummary, isBaseline: boolean, colors: Colors): string[] {
  const { fixed, kept, introduced } = variant
  if (variant.status !== 'ok') return [colors.red(variant.status), '', '']
  if (isBaseline) return ['', String(kept), '']
  return [
    fixed > 0 ? paint(colors, 'fixed', String(fixed)) : '0',
    String(kept),
    introduced > 0 ? paint(colors, 'introduced', String(introduced)) : '0',
  ]
}

/** One line a variant, the best first; those that could not be played come last. */
export function ranking(comparison: Comparison, colors: Colors): string {
  const rows = ranked(comparison).map((variant) => {
    const isBaseline = variant.id === comparison.baseline
    const isSilent = variant.status === 'ok' && !variant.exercised
    const mark = isBaseline ? ' (unpatched)' : isSilent ? ' (not exercised)' : ''
    const rank = variant.status === 'ok' ? String(variant.rank) : '-'
    return [rank, stackName(variant.id + mark, idColumns), ...numbers(variant, isBaseline, colors)]
  })
  const head = ['rank', 'variant', 'fixed', 'kept', 'introduced']
  return tableText(head, rows, ['right', 'left', 'right', 'right', 'right'])
}
