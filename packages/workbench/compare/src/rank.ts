// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from './comparison.ts'

/** The properties that decide the rank of a variant. */
export type Rankable = Pick<
  VariantSummary,
  'status' | 'exercised' | 'introduced' | 'kept' | 'fixed' | 'patches'
>

/**
 * Orders variants from best to worst. Variants that introduce nothing come first, whatever their status. The further
 * criteria are, in this order: the variant ran, was exercised, introduces less, keeps less, fixes more, needs fewer
 * patches.
 */
function better(a: Rankable, b: Rankable): number {
  return (
    Number(a.introduced > 0) - Number(b.introduced > 0) ||
    Number(b.status === 'ok') - Number(a.status === 'ok') ||
    Number(b.exercised) - Number(a.exercised) ||
    a.introduced - b.introduced ||
    a.kept - b.kept ||
    b.fixed - a.fixed ||
    a.patches.length - b.patches.length
  )
}

/** Ranks the variants; equal ones share a rank. Keeps the order of the list. */
export function rankVariants<Variant extends Rankable>(
  variants: readonly Variant[],
): (Variant & { readonly rank: number })[] {
  const sorted = variants.toSorted(better)
  return variants.map((variant) => ({
    ...variant,
    rank: sorted.findIndex((other) => better(other, variant) === 0) + 1,
  }))
}
