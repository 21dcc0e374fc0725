// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { JudgedFinding } from './verdict/status.ts'
import type { ExaminedRun } from './play/examined.ts'

/** What a verdict looks at in a run. */
export type Judgeable = Pick<ExaminedRun, 'findings' | 'brokenOffIn'>

function saysTheSame(a: Finding, b: Finding): boolean {
  return a.kind === b.kind && a.count === b.count && isDeepStrictEqual(a.data, b.data)
}

/** A variant's findings, each as kept or introduced. */
function judgeOwn(finding: Finding, baseline: Judgeable): JudgedFinding[] {
  const key = findingKey(finding)
  const same = baseline.findings.find((other) => findingKey(other) === key)
  if (same === undefined) {
    const mask = baseline.findings.find((other) => other.masks?.includes(key))
    if (mask !== undefined)
      return [{ ...finding, status: 'kept', unpatched: { state: 'hidden', finding: mask } }]
    const end = baseline.brokenOffIn
    const unpatched =
      end !== null && finding.step > end ? { unpatched: { state: 'not-reached', endedIn: end } as const } : {}
    return [{ ...finding, status: 'introduced', ...unpatched }]
  }
  const differs = { unpatched: { state: 'differs', finding: same } } as const
  const more = finding.count - same.count
  // A baseline that broke off early had no time to have as many.
  if (more <= 0 || baseline.brokenOffIn !== null)
    return [{ ...finding, status: 'kept', ...(saysTheSame(finding, same) ? {} : differs) }]
  const kept = { ...finding, count: same.count }
  return [
    { ...kept, status: 'kept', ...(saysTheSame(kept, same) ? {} : differs) },
    { ...finding, count: more, status: 'introduced', surplus: true, ...differs },
  ]
}

/**
 * Holds a variant's findings in one scenario against the baseline's.
 *
 * - A finding that the baseline has too is kept. If the variant has more of it, what is more is introduced, as a
 *   surplus. One that the baseline would have if another fault did not mask it is kept.
 * - A finding of the baseline is fixed if the variant does not have it, although it came through the step in which it
 *   arises, and although no fault of the variant masks it. What a variant never reached, because a task died or hung
 *   before, is neither fixed nor kept, and left out.
 *
 * @returns the variant's findings as introduced or kept, then the baseline's that are fixed
 */
export function judge(baseline: Judgeable, variant: Judgeable): JudgedFinding[] {
  const shown = new Set(
    variant.findings.flatMap((finding) => [findingKey(finding), ...(finding.masks ?? [])]),
  )
  const end = variant.brokenOffIn ?? Number.POSITIVE_INFINITY
  const own = variant.findings.flatMap((finding) => judgeOwn(finding, baseline))
  const fixed = baseline.findings
    .filter((finding) => !shown.has(findingKey(finding)) && finding.step < end)
    .map((finding): JudgedFinding => ({ ...finding, status: 'fixed' }))
  return [...own, ...fixed]
}
