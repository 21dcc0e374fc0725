// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, HiddenBy, JudgedFinding, Unpatched, VariantSummary } from '@pfo-workbench/compare'
import type { Finding } from '@pfo-workbench/oracle'
import { schemaVersion, type Claim, type ComparisonDocument, type FindingDocument } from './schema.ts'
import { stepResult, stepTitle } from './view/steps.ts'
import { evidenceText } from './wording/evidence-text.ts'
import { tellFinding } from './wording/told.ts'

function variantOf(variant: VariantSummary): ComparisonDocument['variants'][number] {
  const { id, title, patches, diffs, status, reason, exercised, exercise, exerciseUnknown, rank } = variant
  const { fixed, kept, introduced, revealed, notReached, changes } = variant
  return {
    id,
    title,
    patches,
    diffs: diffs.map(({ id: patch, subject, body, text }) => ({ id: patch, subject, body, text })),
    status,
    ...(reason === undefined ? {} : { reason }),
    exercised,
    exercise,
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

/** What a finding says, without what proves it. */
function claimOf({ oracle, kind, subject, step, count, data }: Finding): Claim {
  // Fields of one finding are those of one kind; taken apart, the compiler does not know that any more.
  return { oracle, kind, subject, step, count, data } as Claim
}

function unpatchedOf(unpatched: Unpatched): NonNullable<FindingDocument['unpatched']> {
  if (unpatched.state === 'not-reached') return { state: 'not-reached', endedIn: unpatched.endedIn }
  return { state: unpatched.state, finding: claimOf(unpatched.finding) }
}

function hiddenByOf(hiddenBy: HiddenBy): NonNullable<FindingDocument['hiddenBy']> {
  if (hiddenBy.reason !== 'run-ended') return { reason: hiddenBy.reason, finding: claimOf(hiddenBy.finding) }
  const { reason, step, finding } = hiddenBy
  return { reason, step, ...(finding === undefined ? {} : { finding: claimOf(finding) }) }
}

function findingOf(finding: JudgedFinding): FindingDocument {
  const { surplus, status, unpatched, hiddenBy } = finding
  const { message, before } = tellFinding(finding)
  return {
    ...claimOf(finding),
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
 * The comparison as one JSON document, ending in a newline. The same comparison gives the same bytes. Device trees and reference
 * counts are not in it; `pfo run --trace` tells them.
 */
export function toJson(comparison: Comparison): string {
  const { kernel, engine, baseline, variants, scenarios, cells, interactions } = comparison
  const document: ComparisonDocument = {
    schemaVersion,
    kernel,
    engine,
    baseline,
    variants: variants.map(variantOf),
    scenarios: scenarios.map(({ id, title }) => ({ id, title })),
    cells: cells.map(({ variant, scenario, outcome, findings, changes, console, steps }) => ({
      variant,
      scenario,
      outcome,
      findings: findings.map(findingOf),
      changes: changes.map(({ kind, subject, step, before, after }) => ({
        kind,
        subject,
        step,
        before,
        after,
      })),
      console,
      steps: steps.map((played) => ({
        index: played.index,
        title: stepTitle(played.step),
        result: stepResult(played),
      })),
    })),
    interactions: interactions.map(({ variant, kind, patches, finding, scenario, message }) => ({
      variant,
      kind,
      patches,
      ...(finding === undefined ? {} : { finding }),
      ...(scenario === undefined ? {} : { scenario }),
      message,
    })),
  }
  return `${escapeControls(JSON.stringify(document, null, 2))}\n`
}

/** JSON itself escapes only some of the characters that a terminal obeys; the others stand in strings as well. */
function escapeControls(json: string): string {
  return json.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
