// SPDX-License-Identifier: GPL-2.0-only
import {
  findingStatuses,
  tally,
  unpatchedTotal,
  variantTotal,
  type FindingStatus,
  type VariantSummary,
} from '@pfo-workbench/compare'
import type { CellView, ComparisonView, FindingView } from '../wording/comparison-view.ts'

/** Statuses in order of importance to a reviewer. */
export const statusOrder: readonly FindingStatus[] = findingStatuses

/** Counts equal texts, in order of first occurrence. */
function countEach(texts: readonly string[]): readonly (readonly [text: string, count: number])[] {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts]
}

/** Counts the findings with this status by oracle. */
export function countByOracle(
  findings: readonly FindingView[],
  status: FindingStatus,
): readonly (readonly [oracle: string, count: number])[] {
  return countEach(findings.filter((one) => one.status === status).map(({ oracle }) => oracle))
}

/** Counts equal texts: `leak 3, oops 1`. */
export function countsText(texts: readonly string[]): string {
  return countEach(texts)
    .map(([text, count]) => `${text} ${String(count)}`)
    .join(', ')
}

/** Returns a function that finds a cell without searching all cells. */
export function cellFinder({
  cells,
}: ComparisonView): (variant: string, scenario: string) => CellView | undefined {
  const byVariant = new Map<string, Map<string, CellView>>()
  for (const cell of cells) {
    const own = byVariant.get(cell.variant) ?? new Map<string, CellView>()
    byVariant.set(cell.variant, own.set(cell.scenario, cell))
  }
  return (variant, scenario) => byVariant.get(variant)?.get(scenario)
}

/** Variants from best to worst. Variants that could not be played come last. */
export function ranked({ variants }: ComparisonView): VariantSummary[] {
  return variants.toSorted((a, b) => Number(a.status !== 'ok') - Number(b.status !== 'ok') || a.rank - b.rank)
}

/** Verdict on a cell. */
export type CellStatus =
  | 'introduced'
  /** Fixes all findings of the unpatched kernel and shows no others. */
  | 'clean'
  /** Fixes some findings; others are left. */
  | 'fixed'
  /** Fixes nothing, but reveals a finding that the unpatched kernel hides. */
  | 'revealed'
  /** Fixes nothing, and the run ended before some findings of the unpatched kernel could occur. */
  | 'not-reached'
  /** The same findings as the unpatched kernel, but at least one change. */
  | 'changed'
  /** The same findings as the unpatched kernel, and no changes. */
  | 'kept'
  /** No findings, neither with the patches nor without. */
  | 'quiet'
  /** No changed statement of the variant ran. */
  | 'unexercised'
  /** The variant could not be played, or this run took too long. */
  | 'unplayed'
  /** The unpatched kernel itself. */
  | 'reference'

export function cellStatusOf(
  comparison: ComparisonView,
  variant: VariantSummary,
  cell: CellView | undefined,
): CellStatus {
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
