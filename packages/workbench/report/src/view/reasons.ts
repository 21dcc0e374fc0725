// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, FindingStatus, JudgedFinding, VariantSummary } from '@pfo-workbench/compare'
import { countByOracle } from './comparison.ts'

/** Why a variant stands where it stands, in one line: `introduces leak 2; leaves lost-node 3; fixes 5 of 10`. */
export function reasonOf(comparison: Comparison, variant: VariantSummary): string {
  const { id, status, reason, exercised, fixed, introduced } = variant
  if (status !== 'ok') return `${status}: ${reason?.split('\n')[0] ?? 'no reason given'}`
  const findings = comparison.cells.filter((cell) => cell.variant === id).flatMap((cell) => cell.findings)
  const kept = listed(findings, 'kept')
  if (id === comparison.baseline) return kept === '' ? 'without findings' : `has ${kept}`
  if (!exercised) return 'not exercised: none of its changed lines ran in any scenario'
  const all = comparison.variants.find((one) => one.id === comparison.baseline)?.kept ?? 0
  return [
    ...(introduced > 0 ? [`introduces ${listed(findings, 'introduced')}`] : []),
    `leaves ${kept === '' ? 'nothing' : kept}`,
    ...(all > 0 ? [`fixes ${String(fixed)} of ${String(all)}`] : []),
  ].join('; ')
}

function listed(findings: readonly JudgedFinding[], status: FindingStatus): string {
  return countByOracle(findings, status)
    .map(([oracle, count]) => `${oracle} ${String(count)}`)
    .join(', ')
}
