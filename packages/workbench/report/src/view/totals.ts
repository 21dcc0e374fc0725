// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from '@pfo-workbench/compare'

/** A total of a variant; a column of the ranking. */
export interface TotalColumn {
  readonly head: string
  readonly of: (variant: VariantSummary) => number
}

const always: readonly TotalColumn[] = [
  { head: 'fixed', of: ({ fixed }) => fixed },
  { head: 'kept', of: ({ kept }) => kept },
  { head: 'introduced', of: ({ introduced }) => introduced },
]

const whereAny: readonly TotalColumn[] = [
  { head: 'not reached', of: ({ notReached }) => notReached },
  { head: 'revealed', of: ({ revealed }) => revealed },
  { head: 'changes', of: ({ changes }) => changes },
]

/** The columns of totals. Optional columns appear only if some variant has a number above 0. */
export function totalColumns(variants: readonly VariantSummary[]): readonly TotalColumn[] {
  return [...always, ...whereAny.filter(({ of }) => variants.some((variant) => of(variant) > 0))]
}
