// SPDX-License-Identifier: GPL-2.0-only
import type { Finding } from '@pfo-workbench/oracle'
import type { RunEvent, RunRecord } from '@pfo-workbench/run'
import { printable, printableData } from './printable.ts'
import { chainText } from './view/chain.ts'
import { eventFields } from './view/events.ts'
import { stepResult, stepTitle } from './view/steps.ts'
import { findingText } from './wording/finding-text.ts'
import { toEvidenceView } from './wording/comparison-view.ts'
import { whyUnmodelled } from './wording/cut-short.ts'

function eventLines(event: RunEvent): string {
  const chain = event.chain.length === 0 ? '' : `\n         by ${chainText(event.chain)}`
  const fields = eventFields(event).map(([name, text]) => `${printable(name)}=${text}`)
  return `${String(event.seq).padStart(6)}  ${event.type}  ${fields.join(' ')}  [${event.task}]${chain}`
}

function countOf(findings: readonly unknown[]): string {
  if (findings.length === 0) return 'no findings'
  return findings.length === 1 ? '1 finding:' : `${String(findings.length)} findings:`
}

/**
 * Formats one run for a terminal, without control characters: the steps, the events on request, the console and the
 * findings.
 *
 * @param record - the run
 * @param found - the findings of the oracles in this run
 * @param options - `trace`: show every event with its call chain
 */
export function toRunText(record: RunRecord, found: readonly Finding[], options: { trace: boolean }): string {
  const { run, findings } = printableData({
    run: record,
    findings: found.map((finding) => ({
      ...finding,
      message: findingText(finding),
      evidence: finding.evidence.map(toEvidenceView),
    })),
  })
  const steps = run.steps.map((step) => {
    const title = `step ${String(step.index)}: ${stepTitle(step.step)} -> ${stepResult(step)}`
    const events = run.events.filter((event) => event.step === step.index)
    return options.trace ? [title, ...events.map(eventLines)].join('\n') : title
  })
  const findingLines = findings.map(({ oracle, subject, step, message, evidence }) => {
    const [proof] = evidence
    const by = proof === undefined ? '' : `\n    ${proof.text}: ${chainText(proof.chain)}`
    return `${oracle}  ${subject}  (step ${String(step)})\n    ${message}${by}`
  })
  const { unmodelled } = run
  const calledBy = unmodelled === null ? '' : `; called by ${chainText(unmodelled.chain)}`
  return [
    `${run.scenario}: ${run.outcome}`,
    ...(run.outcome === 'unmodelled' ? [`  ${whyUnmodelled(unmodelled)}${calledBy}`] : []),
    ...steps,
    '',
    'console:',
    ...run.console.map((line) => `  ${line}`),
    '',
    countOf(findings),
    ...findingLines,
    '',
  ].join('\n')
}
