// SPDX-License-Identifier: GPL-2.0-only
import {
  findingStatuses,
  tally,
  unpatchedTotal,
  variantTotal,
  type FindingStatus,
  type VariantSummary,
} from '@pfo-workbench/compare'
import type { ToldCell, ToldComparison, ToldFinding } from '../wording/told.ts'

/** Statuses in the order of what a reviewer has to know first. */
export const order: readonly FindingStatus[] = findingStatuses

/** How often each text stands in a list, in the order in which they are met. */
function countEach(texts: readonly string[]): readonly (readonly [text: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
}

/** The number of findings of each oracle that have a status. */
export function countByOracle(
  findings: readonly ToldFinding[],
  status: FindingStatus,
): readonly (readonly [oracle: string, count: number])[] {
  return countEach(findings.filter((one) => one.status === status).map(({ oracle }) => oracle))
}

/** `leak 3, oops 1`: each text of a list, with how often it stands there. */
export function countsText(texts: readonly string[]): string {
  return countEach(texts)
    .map(([text, count]) => `${text} ${String(count)}`)
    .join(', ')
}

/** Finds cells without a search through all of them. */
export function cellFinder({
  cells,
}: ToldComparison): (variant: string, scenario: string) => ToldCell | undefined {
  const byVariant = new Map<string, Map<string, ToldCell>>()
  for (const cell of cells) {
    const own = byVariant.get(cell.variant) ?? new Map<string, ToldCell>()
    byVariant.set(cell.variant, own.set(cell.scenario, cell))
  }
  return (variant, scenario) => byVariant.get(variant)?.get(scenario)
}

/** Variants from best to worst; those that could not be played come last. */
export function ranked({ variants }: ToldComparison): VariantSummary[] {
  return variants.toSorted((a, b) => Number(a.status !== 'ok') - Number(b.status !== 'ok') || a.rank - b.rank)
}

/** What a cell says at a glance. */
export type Verdict =
  | 'introduced'
  /** All that the unpatched kernel has was fixed, and nothing else shows. */
  | 'clean'
  /** Something was fixed, something is left. */
  | 'fixed'
  /** Nothing was fixed, and something shows that the unpatched kernel hides. */
  | 'revealed'
  /** Nothing was fixed, and the run ended before all that the unpatched kernel has could arise. */
  | 'not-reached'
  /** The findings are those of the unpatched kernel; something else differs. */
  | 'changed'
  /** The same findings as on the unpatched kernel, and no change. */
  | 'kept'
  /** There is nothing to find, with the patches and without. */
  | 'quiet'
  /** No changed line of the variant ran. */
  | 'unexercised'
  /** The variant could not be played. */
  | 'unplayed'
  /** The unpatched kernel itself. */
  | 'reference'

export function verdictOf(
  comparison: ToldComparison,
  variant: VariantSummary,
  cell: ToldCell | undefined,
): Verdict {
  if (cell === undefined || cell.outcome === 'timeout') return 'unplayed'
  if (variant.id === comparison.baseline) return 'reference'
  if (!variant.exercised) return 'unexercised'
  const counts = tally(cell.findings)
  if (counts.introduced > 0) return 'introduced'
  if (counts.fixed > 0)
    return counts.fixed === unpatchedTotal(counts) && variantTotal(counts) === 0 ? 'clean' : 'fixed'
  if (counts.revealed > 0) return 'revealed'
  if (counts.notReached > 0) return 'not-reached'
  if (cell.changes.length > 0) return 'changed'
  return counts.kept > 0 ? 'kept' : 'quiet'
}
