// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { RunRecord } from '@pfo-workbench/scenario'
import type { JudgedFinding } from './comparison.ts'

/** A run and what is wrong in it. */
export interface ExaminedRun {
  readonly run: RunRecord
  readonly findings: readonly Finding[]
}

function keyOf(finding: Finding): string {
  return `${finding.oracle}\n${finding.subject}`
}

/** The step in which a task died or began to wait for ever; nothing from there on can be called fixed. */
function brokenOffIn(run: RunRecord): number {
  const end = run.events.find((event) => event.type === 'oops' || event.type === 'hang')
  return end?.step ?? Number.POSITIVE_INFINITY
}

/**
 * Holds a variant's findings in one scenario against the baseline's.
 *
 * A finding of the baseline is fixed if the variant does not have it although it came through the step in which it arises.
 * What a variant never reached, because a task died or hung before, is neither fixed nor kept, and left out.
 *
 * @returns the variant's findings as kept or introduced, then the baseline's that are fixed
 */
export function judge(baseline: ExaminedRun, variant: ExaminedRun): JudgedFinding[] {
  const before = new Set(baseline.findings.map(keyOf))
  const after = new Set(variant.findings.map(keyOf))
  const end = brokenOffIn(variant.run)
  return [
    ...variant.findings.map((finding): JudgedFinding => ({
      ...finding,
      status: before.has(keyOf(finding)) ? 'kept' : 'introduced',
    })),
    ...baseline.findings
      .filter((finding) => !after.has(keyOf(finding)) && finding.step < end)
      .map((finding): JudgedFinding => ({ ...finding, status: 'fixed' })),
  ]
}
