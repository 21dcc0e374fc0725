// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'

interface FiguresProps {
  readonly variant: VariantSummary
  /** Shows only what is introduced and fixed. */
  readonly brief?: boolean
}

/**
 * The numbers of a variant: `1 new, 7 fixed, 3 left –`; with `brief`, in the signs of the matrix: `+1 −7:`. Empty if
 * the variant was not played.
 */
export function VariantCounts({ variant, brief = false }: FiguresProps): string {
  const { status, patches, introduced, revealed, fixed, notReached, kept, changes } = variant
  if (status !== 'ok') return ''
  if (patches.length === 0) return `${String(kept)} findings`
  const signs = [
    [introduced, (count: string) => `+${count}`],
    [fixed, (count: string) => `−${count}`],
  ] as const
  const words = [
    [introduced, (count: string) => `${count} new,`],
    [fixed, (count: string) => `${count} fixed,`],
    [revealed, (count: string) => `${count} revealed,`],
    [notReached, (count: string) => `${count} not reached,`],
    [kept, (count: string) => `${count} left,`],
    [changes, (count: string) => `${count} changed,`],
  ] as const
  const shown = (brief ? signs : words).flatMap(([count, say]) => (count === 0 ? [] : [say(String(count))]))
  return shown.length === 0 ? '' : brief ? `${shown.join(' ')}:` : `${shown.join(' ').replace(/,$/, '')} –`
}
