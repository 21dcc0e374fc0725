// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import { ledTo } from '@pfo-workbench/run'
import type { ChangedCode } from './changed-code.ts'
import { namesChangedCode, showsChangedCode, type CellRuns } from './hidden-by-end.ts'
import type { HiddenBy, JudgedFinding } from './status.ts'

/**
 * True if a task died. A hang is left out: it depends on who holds the lock, so the call chain of the waiting task does
 * not show whether changed code caused the hang.
 */
const isDeath = ({ kind }: Finding): boolean => kind === 'task-killed'

const isLookup = (finding: Finding): finding is FindingOf<'detached-node-returned'> =>
  finding.kind === 'detached-node-returned'

const occursIn = ({ step, steps }: Finding, where: number): boolean => (steps ?? [step]).includes(where)

/** The functions that got the node of a lookup. */
function callersIn({ evidence }: Finding): Set<string> {
  return new Set(evidence.flatMap((one) => (one.kind === 'looked-up' ? [one.data.caller] : [])))
}

/**
 * Checks if a task dies only in the variant because a wrong lookup of the unpatched kernel prevents the death there. On
 * the unpatched kernel, the function that looks up a node gets a detached one, so it does not make the fatal call for
 * the right node. This is assumed only if the variant no longer has this lookup in the step of the death, and if
 * neither that function nor any function between it and the death has changed code.
 *
 * @returns null if there is no such lookup
 */
export function hiddenByLookup(
  finding: Finding,
  { unpatched, variant, patchFacts }: CellRuns,
): HiddenBy | null {
  const { step, evidence } = finding
  if (!isDeath(finding) || evidence.length === 0) return null
  const lookup = unpatched.findings.filter(isLookup).find((one) => {
    const same = variant.findings.find((other) => findingKey(other) === findingKey(one))
    if (!occursIn(one, step) || (same !== undefined && occursIn(same, step))) return false
    const callers = callersIn(one)
    return evidence.every(({ chain }) => {
      const caller = chain.findIndex((frame) => callers.has(frame.function))
      return caller >= 0 && !patchFacts.changed.isIn(chain.slice(0, caller + 1))
    })
  })
  return lookup === undefined ? null : { reason: 'masked', finding: lookup }
}

/** Kinds of findings about the state at the end of a step. */
const ofState: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'reference-held',
  'node-missing',
  'no-device',
  'driver-gone',
  'node-detached',
  'node-freed',
  'service-missing',
  'dangling-link',
])

/**
 * True if a death can explain a finding: the call in which the task died took the references or made the changes, or
 * no changed code appears in the finding. A leak on a node in the tree is excluded, because its get can be older.
 */
function follows(
  finding: JudgedFinding,
  death: JudgedFinding,
  lookup: Finding,
  changed: ChangedCode,
): boolean {
  if (finding.kind === 'reference-held' && finding.data.state === 'attached') return false
  if (!showsChangedCode(finding, changed)) return true
  const callers = isLookup(lookup) ? callersIn(lookup) : new Set<string>()
  return death.evidence.some(({ chain }) => {
    const call = chain.slice(chain.findIndex((frame) => callers.has(frame.function)))
    return (
      !namesChangedCode(finding, changed) &&
      finding.evidence.every((one) => ledTo(call, one.chain)) &&
      (finding.kind !== 'reference-held' || call.some((frame) => frame.function === finding.data.holder))
    )
  })
}

/**
 * If a wrong lookup of the unpatched kernel hides a death of the variant, the death is revealed. Then introduced
 * findings about the state after the death are revealed as well, if the death can explain them: the task could not drop
 * its references or finish its changes.
 */
export function withAftermath(
  judged: readonly JudgedFinding[],
  { patchFacts: { changed } }: CellRuns,
): JudgedFinding[] {
  const death = judged.find(
    (one) => isDeath(one) && one.status === 'revealed' && one.hiddenBy?.reason === 'masked',
  )
  const { step, hiddenBy } = death ?? {}
  if (death === undefined || hiddenBy?.reason !== 'masked') return [...judged]
  const lookup = hiddenBy.finding
  return judged.map((one): JudgedFinding =>
    one.status === 'introduced' &&
    one.step === step &&
    ofState.has(one.kind) &&
    follows(one, death, lookup, changed)
      ? { ...one, status: 'revealed', hiddenBy }
      : one,
  )
}
