// SPDX-License-Identifier: GPL-2.0-only
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { CallChain } from '@pfo-workbench/run'
import { stateOf } from '../play/writers.ts'
import { objectsOfFinding, keyWithoutGeneration } from './finding-objects.ts'
import type { ChangedCode } from './changed-code.ts'
import type { Judgeable } from './judgeable.ts'
import type { HiddenBy } from './status.ts'

/** Facts that a verdict depends on besides the two runs of a cell. */
export interface PatchFacts {
  readonly changed: ChangedCode
  /**
   * All findings of the unpatched kernel in any scenario: `keyWithoutGeneration` of each finding, and the first
   * scenario that has it.
   */
  readonly unpatchedAnywhere: ReadonlyMap<string, string>
  /** By function: all functions in the call chains that drop its references on the unpatched kernel in any scenario. */
  readonly droppedIn: ReadonlyMap<string, ReadonlySet<string>>
  /** By state (`stateOf`): all functions in the call chains that write it on the unpatched kernel in any scenario. */
  readonly writtenIn: ReadonlyMap<string, ReadonlySet<string>>
  /** Keys of the findings that the patches introduce in any scenario, as far as known, without surpluses. */
  readonly introducedAnywhere?: ReadonlySet<string>
}

/** The two runs of a cell, and what is known about the patches. */
export interface CellRuns {
  readonly unpatched: Judgeable
  readonly variant: Judgeable
  readonly patchFacts: PatchFacts
}

/** A call chain of these functions. */
export const chainOf = (functions: Iterable<string>): CallChain =>
  [...functions].map((name) => ({ function: name }))

/** Functions that the data of a finding names. */
function namedFunctions({ data }: Finding): string[] {
  return Object.values(data).filter(
    (value): value is string => typeof value === 'string' && /^\w+$/.test(value),
  )
}

/** Kinds of findings about something that did not happen. No call chain shows the code that should have done it. */
const absences: ReadonlySet<Finding['kind']> = new Set<Finding['kind']>([
  'node-missing',
  'no-device',
  'driver-gone',
  'driver-not-bound',
  'driver-not-loadable',
  'service-missing',
  'service-without-driver',
  'not-notified',
  'not-created',
  'dangling-link',
  'node-detached',
  'node-freed',
  'notifier-called',
  'work-run',
])

/** True if a finding does not show its cause: a task died or hung, something is missing, or no call chain is known. */
function tellsNoCause({ kind, evidence }: Finding): boolean {
  return (
    kind === 'task-killed' ||
    kind === 'waits-forever' ||
    absences.has(kind) ||
    evidence.every(({ chain }) => chain.length === 0)
  )
}

/**
 * True if changed code may be why a reference is not dropped: it takes part in dropping references of the same function
 * in some scenario. The chain that took the reference does not show it.
 */
function mayBeKept(finding: Finding, { changed, droppedIn }: PatchFacts): boolean {
  return finding.kind === 'reference-held' && changed.isIn(chainOf(droppedIn.get(finding.data.holder) ?? []))
}

/**
 * True if changed code takes part in writing the state that a finding reads: in the variant's run, or on the unpatched
 * kernel in some scenario.
 */
function readsChangedState(
  finding: Finding,
  { writers = [] }: Judgeable,
  { changed, writtenIn }: PatchFacts,
): boolean {
  const state = stateOf(finding)
  if (state === null) return false
  const here = writers.find((one) => one.state === state)?.functions ?? []
  return changed.isIn(chainOf([...here, ...(writtenIn.get(state) ?? [])]))
}

/** True if changed code is in the evidence of a finding, or in a function that the finding names. */
export function showsChangedCode(finding: Finding, changed: ChangedCode): boolean {
  return finding.evidence.some(({ chain }) => changed.isIn(chain)) || namesChangedCode(finding, changed)
}

/** True if a finding names a changed function, for example as the holder of a reference. */
export function namesChangedCode(finding: Finding, changed: ChangedCode): boolean {
  return changed.isIn(chainOf(namedFunctions(finding)))
}

/** True if a changed statement may have led to a finding. */
function mayBeCaused(finding: Finding, variant: Judgeable, patchFacts: PatchFacts): boolean {
  const { lives = [] } = variant
  const { changed, unpatchedAnywhere, introducedAnywhere } = patchFacts
  if (showsChangedCode(finding, changed) || readsChangedState(finding, variant, patchFacts)) return true
  if (introducedAnywhere?.has(findingKey(finding)) === true) return true
  if (objectsOfFinding(finding, lives).some(({ functions }) => changed.isIn(chainOf(functions)))) return true
  if (unpatchedAnywhere.has(keyWithoutGeneration(finding))) return false
  return tellsNoCause(finding) || mayBeKept(finding, patchFacts)
}

/**
 * The step of the given occurrence of a finding. Occurrences are counted from 1.
 *
 * @returns the first step if the steps of later occurrences are unknown
 */
function stepOfTime({ step, steps }: Finding, time: number): number {
  return steps?.[time - 1] ?? step
}

/**
 * Checks if the unpatched kernel lacks a finding only because its run ended before, or in, the step of the finding.
 * This is assumed only if no call chain that took, dropped, freed or accessed the object of the finding, or wrote the
 * state that the finding reads, contains changed code. If something is missing, or a reference was not dropped, the
 * code at fault may be in no chain. Then the unpatched kernel must have the finding in some scenario. The patches must
 * introduce the finding in no scenario; otherwise the unpatched kernel may have it elsewhere for another reason.
 *
 * @param known - the same finding on the unpatched kernel; the question is then about the surplus of the variant
 * @returns what ended the run; null if the run did not end early, or if the patches may have caused the finding
 */
export function hiddenByEnd(
  finding: Finding,
  known: Finding | undefined,
  { unpatched, variant, patchFacts }: CellRuns,
): HiddenBy | null {
  const step = unpatched.brokenOffIn
  if (
    step === null ||
    stepOfTime(finding, (known?.count ?? 0) + 1) < step ||
    mayBeCaused(finding, variant, patchFacts)
  )
    return null
  return { reason: 'run-ended', step, ...endingOf(unpatched) }
}

/** The finding that ended a run; empty if the run did not end early, or if no oracle reports the end. */
export function endingOf({ findings, brokenOffIn }: Judgeable): { finding?: Finding } {
  const finding = findings.find(
    ({ kind, step }) => step === brokenOffIn && (kind === 'task-killed' || kind === 'waits-forever'),
  )
  return finding === undefined ? {} : { finding }
}
