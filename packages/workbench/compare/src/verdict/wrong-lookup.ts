// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding, type FindingOf } from '@pfo-workbench/oracle'
import type { CellRuns } from './hidden-by-end.ts'
import type { HiddenBy, JudgedFinding } from './status.ts'

const isDeath = ({ kind }: Finding): boolean => kind === 'task-killed' || kind === 'waits-forever'

const isLookup = (finding: Finding): finding is FindingOf<'detached-node-returned'> =>
  finding.kind === 'detached-node-returned'

const occursIn = ({ step, steps }: Finding, where: number): boolean => (steps ?? [step]).includes(where)

/** The functions that got the node of a lookup. */
function callersIn({ evidence }: Finding): Set<string> {
  return new Set(evidence.flatMap((one) => (one.kind === 'looked-up' ? [one.data.caller] : [])))
}

/**
 * Checks if the unpatched kernel does not reach a death only because of a wrong lookup. The function that looks up a
 * node gets a detached one there, so it never does to the right node what kills the task of the variant. This is
 * assumed only if the variant no longer has this lookup in the step of the death, and if no changed code runs between
 * that function and the death.
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
      return caller >= 0 && !patchFacts.changed.isIn(chain.slice(0, caller))
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
 * Gives findings about the state after a death the status of that death: the task could not drop its references or
 * finish its changes.
 */
export function withAftermath(judged: readonly JudgedFinding[]): JudgedFinding[] {
  const death = judged.find((one) => isDeath(one) && one.status === 'revealed')
  if (death?.hiddenBy === undefined) return [...judged]
  const { step, hiddenBy } = death
  return judged.map((one): JudgedFinding =>
    one.status === 'introduced' && one.step === step && ofState.has(one.kind)
      ? { ...one, status: 'revealed', hiddenBy }
      : one,
  )
}
