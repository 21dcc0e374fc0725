// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import { anythingChanged } from './changed-code.ts'
import { handedOver, renamedLeaks } from './handed-over.ts'
import type { Judgeable } from './judgeable.ts'
import { renamedFindings } from './renamed.ts'
import { endingOf, hiddenByEnd, type Case, type Circumstances } from './reached.ts'
import { leakElsewhere, sameDefect } from './same-defect.ts'
import type { HiddenBy, JudgedFinding, Unpatched } from './status.ts'

/** Nothing is known of the patches: what the unpatched kernel does not show may be their doing. */
const unknown: Circumstances = { changed: anythingChanged, unpatchedAnywhere: new Map() }

function saysTheSame(a: Finding, b: Finding): boolean {
  return a.kind === b.kind && a.count === b.count && isDeepStrictEqual(a.data, b.data)
}

const differs = (finding: Finding): { unpatched: Unpatched } => ({ unpatched: { state: 'differs', finding } })

/** Why the unpatched kernel does not show a finding that is there; null if the patches may have caused it. */
function whyHidden(finding: Finding, known: Finding | undefined, one: Case): HiddenBy | null {
  const mask = one.unpatched.findings.find(({ masks }) => masks?.includes(findingKey(finding)))
  if (mask !== undefined && finding.count <= mask.count) return { reason: 'masked', finding: mask }
  return (
    sameDefect(finding, known, one.unpatched, one.variant) ??
    leakElsewhere(finding, known, one) ??
    hiddenByEnd(finding, known, one)
  )
}

/** What was on the unpatched kernel, of a finding that it does not show. */
function unpatchedOf(
  finding: Finding,
  hiddenBy: HiddenBy | null,
  { brokenOffIn }: Judgeable,
): { unpatched?: Unpatched } {
  if (hiddenBy?.reason === 'masked') return { unpatched: { state: 'hidden', finding: hiddenBy.finding } }
  if (brokenOffIn !== null && finding.step > brokenOffIn)
    return { unpatched: { state: 'not-reached', endedIn: brokenOffIn } }
  return {}
}

/** A finding that only the variant shows. */
function judgeNew(finding: Finding, one: Case): JudgedFinding {
  const hiddenBy = whyHidden(finding, undefined, one)
  const unpatched = unpatchedOf(finding, hiddenBy, one.unpatched)
  return hiddenBy === null
    ? { ...finding, status: 'introduced', ...unpatched }
    : { ...finding, status: 'revealed', ...unpatched, hiddenBy }
}

/** A finding that both show, and what the variant has more of it. */
function judgeKnown(finding: Finding, same: Finding, one: Case): JudgedFinding[] {
  const more = findingKey(finding) === findingKey(same) ? finding.count - same.count : 0
  if (more <= 0) return [{ ...finding, status: 'kept', ...(saysTheSame(finding, same) ? {} : differs(same)) }]
  const kept = { ...finding, count: same.count }
  const surplus = { ...finding, count: more, surplus: true, ...differs(same) } as const
  const hiddenBy = whyHidden(finding, same, one)
  return [
    { ...kept, status: 'kept', ...(saysTheSame(kept, same) ? {} : differs(same)) },
    hiddenBy === null ? { ...surplus, status: 'introduced' } : { ...surplus, status: 'revealed', hiddenBy },
  ]
}

const chainKeys = ({ evidence }: Finding): string[] =>
  evidence.map(({ chain }) => chain.map((frame) => frame.function).join(' < '))

/** What the kernel prints about a fault is as new as the fault. */
function withConsole(judged: readonly JudgedFinding[]): JudgedFinding[] {
  const causes = new Map<string, HiddenBy>()
  for (const one of judged) {
    if (one.hiddenBy === undefined || one.status !== 'revealed') continue
    for (const key of chainKeys(one)) if (!causes.has(key)) causes.set(key, one.hiddenBy)
  }
  return judged.map((one): JudgedFinding => {
    if (one.status !== 'introduced' || one.kind !== 'console-line') return one
    const known = chainKeys(one).map((key) => causes.get(key))
    const [hiddenBy] = known
    if (hiddenBy === undefined || known.includes(undefined)) return one
    return { ...one, status: 'revealed', hiddenBy }
  })
}

/** A finding of the unpatched kernel that the variant does not show. */
function judgeGone(finding: Finding, shown: readonly JudgedFinding[], { variant }: Case): JudgedFinding {
  const end = variant.brokenOffIn
  if (end !== null && finding.step >= end)
    return {
      ...finding,
      status: 'not-reached',
      hiddenBy: { reason: 'run-ended', step: end, ...endingOf(variant) },
    }
  const key = findingKey(finding)
  const mask = variant.findings.find(({ masks }) => masks?.includes(key))
  if (mask !== undefined) return { ...finding, status: 'kept', hiddenBy: { reason: 'masked', finding: mask } }
  const symptom = shown.find(
    ({ hiddenBy }) =>
      hiddenBy?.reason === 'other-symptom' &&
      hiddenBy.finding === finding &&
      finding.kind === 'stolen-reference',
  )
  if (symptom !== undefined) {
    const other = variant.findings.find((one) => findingKey(one) === findingKey(symptom)) ?? symptom
    return { ...finding, status: 'kept', hiddenBy: { reason: 'other-symptom', finding: other } }
  }
  return { ...finding, status: 'fixed' }
}

/**
 * Holds a variant's findings in one scenario against those of the unpatched kernel.
 *
 * - What both have is kept. What the variant has more of a finding is a finding of its own, a surplus.
 * - What only the variant shows is revealed if the patches did not cause it: another finding of the unpatched kernel masks it;
 *   its defect shows there as another finding, or in another scenario; or the unpatched run had ended, and no changed code led to
 *   it. Else it is introduced.
 * - What only the unpatched kernel shows is not reached if the variant's run had ended; kept if its defect is there all the same,
 *   masked or as another finding; else fixed.
 * - A reference that was handed over is not called stolen. A finding that only has another name, for code was moved into another
 *   function or a message has other words, is kept.
 *
 * @param circumstances - what is known of the patches; without it only masks and references excuse a finding
 * @returns the variant's findings, then those of the unpatched kernel that the variant does not show
 */
export function judge(
  unpatched: Judgeable,
  variant: Judgeable,
  circumstances: Circumstances = unknown,
): JudgedFinding[] {
  const one: Case = { unpatched, variant, circumstances }
  const known = new Map(unpatched.findings.map((finding) => [findingKey(finding), finding]))
  const handed = handedOver(unpatched, variant)
  const own = variant.findings.filter((finding) => !handed.has(finding))
  const ownKeys = new Set(own.map(findingKey))
  const gone = unpatched.findings.filter((finding) => !ownKeys.has(findingKey(finding)))
  const fresh = own.filter((finding) => !known.has(findingKey(finding)))
  const handedLeaks = renamedLeaks(handed, gone, fresh)
  const open = gone.filter((finding) => ![...handedLeaks.values()].includes(finding))
  const renamed = new Map([...renamedFindings(open, fresh, circumstances.changed), ...handedLeaks])
  const paired = new Set(renamed.values())
  const shown = withConsole(
    own.flatMap((finding) => {
      const same = known.get(findingKey(finding)) ?? renamed.get(finding)
      return same === undefined ? [judgeNew(finding, one)] : judgeKnown(finding, same, one)
    }),
  )
  const withoutHandOvers: Case = { ...one, variant: { ...variant, findings: own } }
  const left = gone.filter((finding) => !paired.has(finding))
  return [...shown, ...left.map((finding) => judgeGone(finding, shown, withoutHandOvers))]
}

/** All findings of the unpatched kernel, of which a run that took too long says nothing. */
export function unjudged(unpatched: Judgeable): JudgedFinding[] {
  return unpatched.findings.map((finding) => ({ ...finding, status: 'not-reached' }))
}
