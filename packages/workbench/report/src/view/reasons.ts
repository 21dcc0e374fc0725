// SPDX-License-Identifier: GPL-2.0-only
import { tally, unpatchedTotal, type FindingStatus, type VariantSummary } from '@pfo-workbench/compare'
import { countsText } from './comparison.ts'
import { exerciseText } from './exercise.ts'
import type { ComparisonView, FindingView } from '../wording/comparison-view.ts'

/** If findings of more oracles are left, the text does not list them. */
const fewOracles = 3

/**
 * Explains a variant's rank in one line: `introduces leak 2; fixes 5 of 10, leaves lost-node 5`. If findings of many
 * oracles are left or some are not reached, lists what is fixed instead: `fixes 5 of 20: all of oops; 3 of 6
 * lost-node`.
 */
export function rankReasonOf(comparison: ComparisonView, variant: VariantSummary): string {
  const { id, status, reason, exercised, changes } = variant
  if (status !== 'ok') return `${status}: ${reason?.split('\n')[0] ?? 'no reason given'}`
  const findings = comparison.cells.filter((cell) => cell.variant === id).flatMap((cell) => cell.findings)
  const { introduced, revealed, fixed, notReached } = tally(findings)
  if (id === comparison.baseline) {
    const own = listed(findings, 'kept')
    return own === '' ? 'without findings' : `has ${own}`
  }
  const idle = exerciseText(variant)
  if (!exercised) return idle ?? ''
  const rest = idle === null ? [] : [idle]
  if (introduced + revealed + fixed + notReached + changes === 0)
    return [`no observable difference in any scenario played: ${fixedText(findings)}`, ...rest].join('; ')
  return [
    ...(introduced > 0 ? [`introduces ${listed(findings, 'introduced')}`] : []),
    fixedText(findings),
    ...(revealed > 0 ? [`reveals ${listed(findings, 'revealed')}`] : []),
    ...(changes > 0 ? [`${String(changes)} ${changes === 1 ? 'change' : 'changes'}`] : []),
    ...rest,
  ].join('; ')
}

/** Says how many findings of the unpatched kernel a variant fixes. */
function fixedText(findings: readonly FindingView[]): string {
  const { fixed, kept, notReached, ...own } = tally(findings)
  const all = unpatchedTotal({ fixed, kept, notReached, ...own })
  if (all === 0) return 'nothing to fix'
  if (fixed === all) return `fixes all ${String(all)}`
  if (kept === all) return `leaves all ${String(all)}`
  const share = `fixes ${shareText(fixed, all, notReached)}`
  const shares = sharesByOracle(findings)
  const left = shares.filter((one) => one.kept > 0)
  if (notReached === 0 && left.length <= fewOracles) return `${share}, leaves ${listed(findings, 'kept')}`
  const touched = shares.filter((one) => one.fixed > 0)
  const whole = touched.filter((one) => one.fixed === one.all).map(({ oracle }) => oracle)
  const part = touched
    .filter((one) => one.fixed < one.all)
    .map((one) => `${shareText(one.fixed, one.all, one.notReached)} ${one.oracle}`)
  const named = [...(whole.length > 0 ? [`all of ${whole.join(', ')}`] : []), ...part]
  return named.length === 0 ? share : `${share}: ${named.join('; ')}`
}

/** `59 of 64, 5 not reached`. */
function shareText(fixed: number, all: number, notReached: number): string {
  const share = `${String(fixed)} of ${String(all)}`
  return notReached > 0 ? `${share}, ${String(notReached)} not reached` : share
}

/** Numbers of the unpatched kernel's findings of one oracle, by status. */
interface Share {
  readonly oracle: string
  readonly all: number
  readonly fixed: number
  readonly kept: number
  readonly notReached: number
}

function sharesByOracle(findings: readonly FindingView[]): Share[] {
  return [...new Set(findings.map(({ oracle }) => oracle))].flatMap((oracle) => {
    const own = tally(findings.filter((one) => one.oracle === oracle))
    const all = unpatchedTotal(own)
    return all === 0 ? [] : [{ oracle, all, ...own }]
  })
}

function listed(findings: readonly FindingView[], status: FindingStatus): string {
  return countsText(findings.filter((one) => one.status === status).map(({ oracle }) => oracle))
}
