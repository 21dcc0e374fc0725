// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus, VariantSummary } from '@pfo-workbench/compare'
import { countByOracle, countsText } from './comparison.ts'
import type { ToldComparison, ToldFinding } from '../wording/told.ts'

/** More oracles than these are not named one by one. */
const fewOracles = 3

/**
 * Why a variant stands where it stands, in one line: `introduces leak 2; fixes 5 of 10: all of oops, some of lost-node`.
 * The oracles of which it leaves everything are not named.
 */
export function reasonOf(comparison: ToldComparison, variant: VariantSummary): string {
  const { id, status, reason, exercised, introduced, revealed } = variant
  if (status !== 'ok') return `${status}: ${reason?.split('\n')[0] ?? 'no reason given'}`
  const findings = comparison.cells.filter((cell) => cell.variant === id).flatMap((cell) => cell.findings)
  if (id === comparison.baseline) {
    const own = listed(findings, 'kept')
    return own === '' ? 'without findings' : `has ${own}`
  }
  if (!exercised) return 'not exercised: none of its changed lines ran in any scenario'
  const old = fixedText(variant, findings)
  return [
    ...(introduced > 0 ? [`introduces ${listed(findings, 'introduced')}`] : []),
    ...(revealed > 0 ? [`reveals ${listed(findings, 'revealed')}`] : []),
    old,
  ].join('; ')
}

/** What a variant does about the findings of the unpatched kernel. */
function fixedText({ fixed, kept, notReached }: VariantSummary, findings: readonly ToldFinding[]): string {
  const all = fixed + kept + notReached
  const left = new Map(countByOracle(findings, 'kept'))
  const gone = countByOracle(findings, 'fixed').map(([oracle]) => oracle)
  if (kept === 0 && notReached === 0) return fixed === 0 ? 'nothing to fix' : `fixes all ${String(all)}`
  if (kept === 0) return `fixes ${String(fixed)} of ${String(all)}, does not reach ${String(notReached)}`
  if (fixed === 0 && notReached === 0) return `leaves all ${String(all)}`
  const share = `fixes ${String(fixed)} of ${String(all)}`
  if (left.size <= fewOracles) return `${share}, leaves ${listed(findings, 'kept')}`
  const whole = gone.filter((oracle) => !left.has(oracle))
  const part = gone.filter((oracle) => left.has(oracle))
  const named = [
    ...(whole.length > 0 ? [`all of ${whole.join(', ')}`] : []),
    ...(part.length > 0 ? [`some of ${part.join(', ')}`] : []),
  ]
  return `${share}: ${named.join('; ')}`
}

function listed(findings: readonly ToldFinding[], status: FindingStatus): string {
  return countsText(findings.filter((one) => one.status === status).map(({ oracle }) => oracle))
}
