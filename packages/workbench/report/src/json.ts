// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, HiddenBy, JudgedFinding, Unpatched, VariantSummary } from '@pfo-workbench/compare'
import type { Finding } from '@pfo-workbench/oracle'
import { defaultCommands, type ReportOptions } from './options.ts'
import {
  documentSchema,
  schemaVersion,
  type Claim,
  type ComparisonDocument,
  type FindingDocument,
} from './schema.ts'
import { stepResult, stepTitle } from './view/steps.ts'
import { evidenceText } from './wording/evidence-text.ts'
import { interactionText } from './wording/interaction-text.ts'
import { toFindingView } from './wording/comparison-view.ts'

function variantOf(variant: VariantSummary): ComparisonDocument['variants'][number] {
  const { id, title, patches, diffs, status, reason, exercised, exercise, exerciseUnknown, rank } = variant
  const { fixed, kept, introduced, revealed, notReached, changes } = variant
  return {
    id,
    title,
    patches,
    diffs,
    status,
    ...(reason === undefined ? {} : { reason }),
    exercised,
    exercise: exercise.map(({ scenarios, ...one }) => ({
      ...one,
      scenarios: scenarios.length,
      ranIn: scenarios,
    })),
    exerciseUnknown,
    fixed,
    kept,
    introduced,
    revealed,
    notReached,
    changes,
    rank,
  }
}

/** A finding without its evidence, `masks` and `steps`. */
function claimOf({ oracle, kind, subject, step, count, data }: Finding): Claim {
  // `kind` and `data` belong together, but the compiler loses that when a finding is destructured.
  return { oracle, kind, subject, step, count, data } as Claim
}

function unpatchedOf(unpatched: Unpatched): NonNullable<FindingDocument['unpatched']> {
  if (unpatched.state === 'not-reached') return { state: 'not-reached', endedIn: unpatched.endedIn }
  return { state: unpatched.state, finding: claimOf(unpatched.finding) }
}

function hiddenByOf(hiddenBy: HiddenBy): NonNullable<FindingDocument['hiddenBy']> {
  if (hiddenBy.reason === 'other-scenario') return { reason: hiddenBy.reason, scenario: hiddenBy.scenario }
  if (hiddenBy.reason !== 'run-ended') return { reason: hiddenBy.reason, finding: claimOf(hiddenBy.finding) }
  const { reason, step, finding } = hiddenBy
  return { reason, step, ...(finding === undefined ? {} : { finding: claimOf(finding) }) }
}

function findingOf(finding: JudgedFinding): FindingDocument {
  const { masks, surplus, status, unpatched, hiddenBy } = finding
  const { message, before } = toFindingView(finding)
  return {
    ...claimOf(finding),
    ...(masks === undefined ? {} : { masks }),
    ...(surplus === undefined ? {} : { surplus }),
    status,
    message,
    ...(before === undefined ? {} : { before }),
    ...(unpatched === undefined ? {} : { unpatched: unpatchedOf(unpatched) }),
    ...(hiddenBy === undefined ? {} : { hiddenBy: hiddenByOf(hiddenBy) }),
    evidence: finding.evidence.map((one) => ({ ...one, text: evidenceText(one) })),
  }
}

/**
 * Writes the comparison as one JSON document with a trailing newline. `readDocument` reads it, and every other report
 * can be made from it. The same comparison gives the same bytes.
 */
export function toJson(comparison: Comparison, options: ReportOptions = {}): string {
  const { kernel, engine, origin, compiler, configuration, baseline, scenarios, oracles } = comparison
  const document: ComparisonDocument = {
    schemaVersion,
    kernel,
    engine,
    origin,
    ...(compiler === undefined ? {} : { compiler }),
    ...(configuration === undefined ? {} : { configuration }),
    ...(options.workbench === undefined ? {} : { workbench: options.workbench }),
    commands: options.commands ?? defaultCommands,
    oracles,
    baseline,
    variants: comparison.variants.map(variantOf),
    scenarios,
    ...(comparison.leftOut === undefined ? {} : { leftOut: comparison.leftOut }),
    cells: comparison.cells.map((cell) => ({
      ...cell,
      findings: cell.findings.map(findingOf),
      steps: cell.steps.map((played) => ({
        ...played,
        title: stepTitle(played.step),
        resultText: stepResult(played),
      })),
    })),
    interactions: comparison.interactions.map((one) => ({ ...one, message: interactionText(one) })),
  }
  // Parsing with the schema makes the order of the fields independent of the source of the comparison.
  return `${escapeControls(JSON.stringify(documentSchema.parse(document)))}\n`
}

/**
 * Escapes the characters that control a terminal and that `JSON.stringify` leaves as they are. They occur only inside
 * strings, where JSON allows an escape sequence for any character.
 */
function escapeControls(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
