// SPDX-License-Identifier: GPL-2.0-only
import type { VariantSummary } from './comparison.ts'

/** A variant before it is given a rank. */
export type Unranked = Omit<VariantSummary, 'rank'>

/**
 * Orders variants from best to worst: those that introduce nothing, whatever else became of them; then those that ran,
 * that say something; then by how little they introduce, how little they keep, how much they fix, and by how few patches
 * they need.
 */
function better(a: Unranked, b: Unranked): number {
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

/** Gives every variant its rank; equals share one. The order of the list stays. */
export function rankVariants(variants: readonly Unranked[]): VariantSummary[] {
  const sorted = variants.toSorted(better)
  return variants.map((variant) => ({
    ...variant,
    rank: sorted.findIndex((other) => better(other, variant) === 0) + 1,
  }))
}
