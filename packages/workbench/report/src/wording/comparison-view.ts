// SPDX-License-Identifier: GPL-2.0-only
import type {
  Cell,
  Comparison,
  FindingStatus,
  HiddenBy,
  Interaction,
  JudgedFinding,
} from '@pfo-workbench/compare'
import type { Evidence, Finding } from '@pfo-workbench/oracle'
import type { CallChain } from '@pfo-workbench/run'
import { evidenceText } from './evidence-text.ts'
import { findingText } from './finding-text.ts'
import { interactionText } from './interaction-text.ts'
import { likenessOf } from './likeness.ts'

/** A piece of evidence in words. */
export interface EvidenceView {
  readonly text: string
  readonly chain: CallChain
}

/** A finding in words. */
export interface FindingView {
  readonly oracle: string
  /** The finding's subject; for a surplus, followed by ` (more)`. */
  readonly subject: string
  readonly step: number
  readonly status: FindingStatus
  readonly message: string
  /** The message on the unpatched kernel, if it differs from `message`. */
  readonly before?: string
  /** For a finding that is kept or not reached: why the variant does not show it. */
  readonly hidden?: string
  readonly evidence: readonly EvidenceView[]
  /** For a deadlock: the waiting task and the holder of the lock. The subject names the lock. */
  readonly deadlock?: { readonly task: string; readonly holder: string }
  /** Equal for findings that say the same about different objects. */
  readonly likeness: string
}

/** A cell with its findings in words. */
export interface CellView extends Omit<Cell, 'findings'> {
  readonly findings: readonly FindingView[]
}

/** An interaction of patches, with a sentence. */
export type InteractionView = Interaction & { readonly message: string }

/** A comparison with all findings in words, as the reports show it. */
export interface ComparisonView extends Omit<Comparison, 'cells' | 'interactions'> {
  readonly cells: readonly CellView[]
  readonly interactions: readonly InteractionView[]
}

/** Puts a piece of evidence into words. */
export function toEvidenceView(evidence: Evidence): EvidenceView {
  return { text: evidenceText(evidence), chain: evidence.chain }
}

/** Subject of a finding. A surplus has the subject of the finding that it exceeds, with ` (more)`. */
function subjectText({ subject, surplus }: Pick<JudgedFinding, 'subject' | 'surplus'>): string {
  return surplus === true ? `${subject} (more)` : subject
}

/** Name of a finding on the command line. */
export function findingName(finding: Pick<JudgedFinding, 'oracle' | 'subject' | 'surplus'>): string {
  return `${finding.oracle}:${subjectText(finding)}`
}

/** Explains why a finding does not show. */
function hiddenText(hiddenBy: HiddenBy): string {
  if (hiddenBy.reason === 'other-scenario')
    return `the unpatched kernel has this leak in ${hiddenBy.scenario}; in this scenario it makes the leaking call less often`
  const of = hiddenBy.finding === undefined ? '' : `${hiddenBy.finding.oracle}: ${hiddenBy.finding.subject}`
  switch (hiddenBy.reason) {
    case 'run-ended':
      return `not reached, the run ended in step ${String(hiddenBy.step)}${of === '' ? '' : `, ${of}`}`
    case 'masked':
      return `hidden: ${findingText(hiddenBy.finding)}`
    case 'other-symptom':
      return `shows as ${of}: ${findingText(hiddenBy.finding)}`
  }
}

/**
 * Says what the unpatched kernel shows instead of this finding, or why it does not show the finding. Null if it shows
 * the same, or if it does not have the finding at all.
 */
export function unpatchedText({ status, unpatched, hiddenBy }: JudgedFinding): string | null {
  if (status === 'revealed' && hiddenBy !== undefined) return hiddenText(hiddenBy)
  if (unpatched === undefined) return null
  switch (unpatched.state) {
    case 'differs':
      return findingText(unpatched.finding)
    case 'hidden':
      return `hidden: ${findingText(unpatched.finding)}`
    case 'not-reached':
      return `not reached, a task ended in step ${String(unpatched.endedIn)}`
  }
}

/** Message of a judged finding. For a surplus, it gives the total count. */
export function judgedText(finding: JudgedFinding): string {
  const { count, surplus, unpatched } = finding
  const isPart = surplus === true && unpatched?.state === 'differs'
  return findingText(finding, isPart ? count + unpatched.finding.count : count)
}

/** Puts a finding into words. */
export function toFindingView(finding: JudgedFinding): FindingView {
  const { oracle, step, status, evidence, hiddenBy } = finding
  const isHidden = hiddenBy !== undefined && status !== 'revealed'
  const [message, before] = [judgedText(finding), unpatchedText(finding)]
  return {
    oracle,
    subject: subjectText(finding),
    step,
    status,
    message,
    ...(before === null || before === message ? {} : { before }),
    ...(isHidden ? { hidden: hiddenText(hiddenBy) } : {}),
    evidence: evidence.map(toEvidenceView),
    ...(finding.kind === 'waits-forever' ? { deadlock: finding.data } : {}),
    likeness: likenessOf(likenessSource(finding)),
  }
}

/** A kept finding takes its likeness from the unpatched kernel's finding, so that both are grouped together. */
function likenessSource(finding: JudgedFinding): Finding {
  const { status, unpatched } = finding
  return status === 'kept' && unpatched?.state === 'differs' ? unpatched.finding : finding
}

/** Puts a comparison into words. */
export function toComparisonView(comparison: Comparison): ComparisonView {
  const cells = comparison.cells.map((cell) => ({ ...cell, findings: cell.findings.map(toFindingView) }))
  const interactions = comparison.interactions.map((one) => ({ ...one, message: interactionText(one) }))
  return { ...comparison, cells, interactions }
}
