// SPDX-License-Identifier: GPL-2.0-only
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Stack } from '@pfo-workbench/run'

/**
 * A hint for a stack that fails to apply, if it contains a patch of a series without the earlier ones, according to the
 * numbers in the subjects of the mails. Otherwise null.
 */
export function earlierPatchesHint({ patches }: Pick<Stack<PatchSeries>, 'patches'>): string | null {
  const tags = patches.flatMap(({ series }) => series.patches.map(({ tag }) => tag))
  for (const [at, tag] of tags.entries()) {
    const { number, total } = tag ?? {}
    if (number == null || total == null || number < 2) continue
    const before = new Set(tags.slice(0, at).flatMap((one) => (one?.total === total ? [one.number] : [])))
    if (Array.from({ length: number - 1 }, (_, index) => index + 1).every((one) => before.has(one))) continue
    const which = number === 2 ? 'patch 1' : `patches 1 ${number === 3 ? 'and' : 'to'} ${String(number - 1)}`
    return `It is patch ${String(number)} of ${String(total)}, and may depend on ${which} of the series: pass the series as one mbox, or its patches joined by "+"`
  }
  return null
}
