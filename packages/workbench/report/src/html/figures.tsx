// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'

interface FiguresProps {
  readonly variant: VariantSummary
  /** Shows fewer numbers: counts findings that were not reached as left, and omits changes. */
  readonly brief?: boolean
}

/** The numbers of a variant in words: `1 new, 7 fixed, 3 left –`. */
export function Figures({ variant, brief = false }: FiguresProps): string {
  const { status, patches, introduced, revealed, fixed, notReached, kept, changes } = variant
  if (status !== 'ok') return ''
  if (patches.length === 0) return `${String(kept)} findings`
  const more = [
    [notReached, 'not reached'],
    [kept, 'left'],
    [changes, 'changed'],
  ] as const
  const numbers = [
    [introduced, 'new'],
    [fixed, 'fixed'],
    [revealed, 'revealed'],
    ...(brief ? [[kept + notReached, 'left'] as const] : more),
  ] as const
  return `${numbers.flatMap(([count, what]) => (count === 0 ? [] : [`${String(count)} ${what}`])).join(', ')} –`
}
