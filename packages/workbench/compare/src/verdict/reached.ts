// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { CallChain } from '@pfo-workbench/run'
import { objectsOfFinding, timelessKey } from './about.ts'
import type { ChangedCode } from './changed-code.ts'
import type { Judgeable } from './judgeable.ts'
import type { HiddenBy } from './status.ts'

/** What a verdict knows beside the two runs of a cell. */
export interface Circumstances {
  readonly changed: ChangedCode
  /** What the unpatched kernel has in any scenario: `timelessKey` of each finding, and the first scenario that has it. */
  readonly unpatchedAnywhere: ReadonlyMap<string, string>
}

/** The two runs of a cell, and what is known of the patches. */
export interface Case {
  readonly unpatched: Judgeable
  readonly variant: Judgeable
  readonly circumstances: Circumstances
}

const chainOf = (functions: Iterable<string>): CallChain => [...functions].map((name) => ({ function: name }))

/** Functions that a finding names beside its call chains. */
function namedFunctions({ data }: Finding): string[] {
  return Object.values(data).filter(
    (value): value is string => typeof value === 'string' && /^\w+$/.test(value),
  )
}

/** Whether what a finding says of itself does not lead to its cause: a task died, or something is missing. */
function tellsNoCause({ kind, evidence }: Finding): boolean {
  return (
    kind === 'task-killed' || kind === 'waits-forever' || evidence.every(({ chain }) => chain.length === 0)
  )
}

/** Whether a changed statement may be in what led to a finding. */
function mayBeCaused(finding: Finding, { lives = [] }: Judgeable, circumstances: Circumstances): boolean {
  const { changed, unpatchedAnywhere } = circumstances
  if (finding.evidence.some(({ chain }) => changed.isIn(chain))) return true
  if (changed.isIn(chainOf(namedFunctions(finding)))) return true
  if (objectsOfFinding(finding, lives).some(({ functions }) => changed.isIn(chainOf(functions)))) return true
  return tellsNoCause(finding) && !unpatchedAnywhere.has(timelessKey(finding))
}

/**
 * The step in which a finding came up that often: 1 for the first time.
 *
 * @returns the first step, if of the later times nothing is known
 */
function stepOfTime({ step, steps }: Finding, time: number): number {
  return steps?.[time - 1] ?? step
}

/**
 * Whether a finding could not arise on the unpatched kernel only because its run had ended: in a step before the finding's, or
 * in that step. No changed statement may be in the call chains that took, dropped, freed or touched what the finding is about.
 *
 * @param known - the same finding on the unpatched kernel, where the variant has more of it: what is more is meant
 * @returns what ended the run; null if the patches may have caused the finding
 */
export function hiddenByEnd(
  finding: Finding,
  known: Finding | undefined,
  { unpatched, variant, circumstances }: Case,
): HiddenBy | null {
  const step = unpatched.brokenOffIn
  if (
    step === null ||
    stepOfTime(finding, (known?.count ?? 0) + 1) < step ||
    mayBeCaused(finding, variant, circumstances)
  )
    return null
  return { reason: 'run-ended', step, ...endingOf(unpatched) }
}

/** The finding of what ended a run. */
export function endingOf({ findings, brokenOffIn }: Judgeable): { finding?: Finding } {
  const finding = findings.find(
    ({ kind, step }) => step === brokenOffIn && (kind === 'task-killed' || kind === 'waits-forever'),
  )
  return finding === undefined ? {} : { finding }
}
