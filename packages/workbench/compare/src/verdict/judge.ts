// SPDX-License-Identifier: GPL-2.0-only
import { isDeepStrictEqual } from 'node:util'
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import { anythingChanged } from './changed-code.ts'
import { userWithoutReference } from './device-reference.ts'
import { objectOfFinding } from './finding-objects.ts'
import { theftsThatAreHandOvers } from './handed-over.ts'
import type { Judgeable } from './judgeable.ts'
import { maskOf } from './masks.ts'
import { movedThefts } from './moved-theft.ts'
import { renamedFindings } from './renamed.ts'
import { endingOf, hiddenByEnd, type CellRuns, type PatchFacts } from './hidden-by-end.ts'
import {
  findLeakInOtherScenario,
  findOtherSymptom,
  findSameLookup,
  isDeadGet,
  isSurplusDrop,
} from './same-bug.ts'
import { renamedLeaks } from './same-leaks.ts'
import { findSameMessage } from './same-message.ts'
import type { HiddenBy, JudgedFinding, Unpatched } from './status.ts'
import { hiddenByLookup, withAftermath } from './wrong-lookup.ts'

/** Nothing is known about the patches, so they may have caused any new finding. */
const unknown: PatchFacts = {
  changed: anythingChanged,
  unpatchedAnywhere: new Map(),
  droppedIn: new Map(),
  writtenIn: new Map(),
}

function saysTheSame(a: Finding, b: Finding): boolean {
  return a.kind === b.kind && a.count === b.count && isDeepStrictEqual(a.data, b.data)
}

const differs = (finding: Finding): { unpatched: Unpatched } => ({ unpatched: { state: 'differs', finding } })

/** The runs of a cell, and leaks of the variant, each with the theft that masks it on the unpatched kernel. */
interface JudgedRuns extends CellRuns {
  readonly masked: ReadonlyMap<Finding, Finding>
}

/**
 * The reason why the unpatched kernel does not show a finding that it also has; null if the patches may have caused it.
 */
function whyHidden(finding: Finding, known: Finding | undefined, one: JudgedRuns): HiddenBy | null {
  const theft = one.masked.get(finding)
  if (theft !== undefined) return { reason: 'masked', finding: theft }
  const mask = maskOf(finding, finding.count - (known?.count ?? 0), one.unpatched, one.variant)
  if (mask !== undefined) return { reason: 'masked', finding: mask }
  return (
    findSameLookup(finding, one.unpatched) ??
    findSameMessage(finding, one) ??
    findOtherSymptom(finding, known, one) ??
    findLeakInOtherScenario(finding, known, one) ??
    hiddenByEnd(finding, known, one) ??
    hiddenByLookup(finding, one)
  )
}

/** The state of the unpatched kernel, for a finding that it does not show. */
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

/** Judges a finding that only the variant shows. */
function judgeNew(finding: Finding, one: JudgedRuns): JudgedFinding {
  const hiddenBy = whyHidden(finding, undefined, one)
  const unpatched = unpatchedOf(finding, hiddenBy, one.unpatched)
  return hiddenBy === null
    ? { ...finding, status: 'introduced', ...unpatched }
    : { ...finding, status: 'revealed', ...unpatched, hiddenBy }
}

/** Judges a finding that both show, and the variant's surplus of it. */
function judgeKnown(finding: Finding, same: Finding, one: JudgedRuns): JudgedFinding[] {
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

/** A console line that reports a revealed fault, from the same calls, is revealed as well. */
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

/** Judges a finding of the unpatched kernel that the variant does not show. */
function judgeGone(
  finding: Finding,
  shown: readonly JudgedFinding[],
  { unpatched, variant }: CellRuns,
): JudgedFinding {
  const end = variant.brokenOffIn
  if (end !== null && finding.step >= end)
    return {
      ...finding,
      status: 'not-reached',
      hiddenBy: { reason: 'run-ended', step: end, ...endingOf(variant) },
    }
  const mask = maskOf(finding, 1, variant, unpatched)
  if (mask !== undefined) return { ...finding, status: 'kept', hiddenBy: { reason: 'masked', finding: mask } }
  const user = userWithoutReference(finding, { unpatched, variant })
  if (user !== undefined)
    return { ...finding, status: 'kept', hiddenBy: { reason: 'other-symptom', finding: user } }
  const objectOf = (one: Finding): string | undefined => objectOfFinding(one, unpatched.lives ?? [])?.object
  const deadObject = isDeadGet(finding) ? objectOf(finding) : undefined
  const symptom = shown.find(
    ({ kind, hiddenBy }) =>
      hiddenBy?.reason === 'other-symptom' &&
      (hiddenBy.finding === finding
        ? finding.kind === 'stolen-reference' ||
          kind === 'stolen-reference' ||
          kind === 'detached-node-returned'
        : deadObject !== undefined &&
          hiddenBy.finding.step <= finding.step &&
          isSurplusDrop(hiddenBy.finding) &&
          objectOf(hiddenBy.finding) === deadObject),
  )
  if (symptom !== undefined) {
    const other = variant.findings.find((one) => findingKey(one) === findingKey(symptom)) ?? symptom
    return { ...finding, status: 'kept', hiddenBy: { reason: 'other-symptom', finding: other } }
  }
  return { ...finding, status: 'fixed' }
}

/**
 * Compares a variant's findings in one scenario with those of the unpatched kernel.
 *
 * - Findings of both are kept. A higher count on the variant is a separate finding, the surplus.
 * - A finding that only the variant shows is revealed if the patches did not cause it. Then another finding of the
 *   unpatched kernel masks it; or its bug shows there as another finding or in another scenario; or the unpatched
 *   kernel prints the same message about the device with another driver; or the unpatched run had ended and no changed
 *   code led to the finding; or a wrong lookup of the unpatched kernel kept it from the node on which a task of the
 *   variant died. Otherwise it is introduced.
 * - A finding that only the unpatched kernel shows is not reached if the variant's run had ended; kept if its bug is
 *   still there, masked or as another finding; otherwise fixed. A leaked reference is kept too if its holder no longer
 *   has it, although the stale device for which it was taken is still there. A get of an object without references is
 *   kept too if the surplus drop of the last reference is still there and only removes another reference now.
 * - A reference that was handed over is not reported as stolen. A leak that merely has the name of another function is
 *   kept, and so is a finding that was renamed because code moved into another function or a message was reworded.
 *
 * @param patchFacts - what is known about the patches; without it, only masks and reference counts can show that a
 * finding is not introduced
 * @returns the variant's findings, then those of the unpatched kernel that the variant does not show
 */
export function judge(
  unpatched: Judgeable,
  variant: Judgeable,
  patchFacts: PatchFacts = unknown,
): JudgedFinding[] {
  const known = new Map(unpatched.findings.map((finding) => [findingKey(finding), finding]))
  const handed = theftsThatAreHandOvers(unpatched, variant)
  const { findings: own, hidden, masked } = renamedLeaks(unpatched, variant, handed)
  const one: JudgedRuns = { unpatched, variant, patchFacts, masked }
  const ownKeys = new Set(own.map(findingKey))
  const gone = unpatched.findings.filter((finding) => !ownKeys.has(findingKey(finding)))
  const fresh = own.filter((finding) => !known.has(findingKey(finding)))
  const open = gone.filter((finding) => !hidden.has(finding))
  const renamed = renamedFindings(open, fresh, patchFacts.changed)
  const paired = new Set(renamed.values())
  const judged = own.flatMap((finding) => {
    const same = known.get(findingKey(finding)) ?? renamed.get(finding)
    return same === undefined ? [judgeNew(finding, one)] : judgeKnown(finding, same, one)
  })
  const shown = withConsole(withAftermath(judged, one))
  const withoutHandOvers: CellRuns = { ...one, variant: { ...variant, findings: own } }
  const left = gone.filter((finding) => !paired.has(finding))
  const moved = movedThefts(left, withoutHandOvers)
  return [
    ...shown,
    ...left.map((finding): JudgedFinding => {
      const other = hidden.get(finding) ?? moved.get(finding)
      return other === undefined
        ? judgeGone(finding, shown, withoutHandOvers)
        : { ...finding, status: 'kept', hiddenBy: { reason: 'other-symptom', finding: other } }
    }),
  ]
}

/** All findings of the unpatched kernel, as not reached: the variant's run timed out. */
export function unjudged(unpatched: Judgeable): JudgedFinding[] {
  return unpatched.findings.map((finding) => ({ ...finding, status: 'not-reached' }))
}
