// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, VariantSummary } from '@pfo-workbench/compare'
import Table from 'cli-table3'
import { wrapped } from './lines.ts'
import { paint, type Colors } from './status.ts'

/** Widest column of ids; longer ids are broken. */
const idColumns = 44

function numbers(variant: VariantSummary, isBaseline: boolean, colors: Colors): string[] {
  const { rank, fixed, kept, introduced } = variant
  if (variant.status !== 'ok') return ['-', colors.red(variant.status), '', '']
  if (isBaseline) return [String(rank), '', String(kept), '']
  return [
    String(rank),
    fixed > 0 ? paint(colors, 'fixed', String(fixed)) : '0',
    String(kept),
    introduced > 0 ? paint(colors, 'introduced', String(introduced)) : '0',
  ]
}

/** One line a variant, the best first; those that could not be played come last. */
export function ranking({ variants, baseline }: Comparison, colors: Colors): string {
  const grid = new Table({
    head: ['rank', 'variant', 'fixed', 'kept', 'introduced'],
    colAligns: ['right', 'left', 'right', 'right', 'right'],
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  const sorted = variants.toSorted(
    (a, b) => Number(a.status !== 'ok') - Number(b.status !== 'ok') || a.rank - b.rank,
  )
  for (const variant of sorted) {
    const isBaseline = variant.id === baseline
    const [rank = '', ...rest] = numbers(variant, isBaseline, colors)
    const mark = isBaseline
      ? ' (unpatched)'
      : variant.status === 'ok' && !variant.exercised
        ? ' (not exercised)'
        : ''
    grid.push([rank, wrapped('', variant.id + mark, idColumns), ...rest])
  }
  return withoutTrailingBlanks(grid.toString())
}

/** A table whose columns stand beside each other with nothing between them. */
export const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
} as const

export function withoutTrailingBlanks(text: string): string {
  return text.replace(/[ \t]+$/gm, '')
}
