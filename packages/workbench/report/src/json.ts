// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, JudgedFinding, VariantSummary } from '@pfo-workbench/compare'
import { functionsOf } from '@pfo-workbench/run'
import type { ComparisonDocument } from './schema.ts'
import { stepResult, stepTitle } from './view/steps.ts'

/** Version of the JSON document's shape; a field that changes meaning raises it. */
const schemaVersion = 1

function variantOf(variant: VariantSummary): ComparisonDocument['variants'][number] {
  const { id, title, patches, diffs, status, reason, exercised, fixed, kept, introduced, rank } = variant
  return {
    id,
    title,
    patches,
    diffs: diffs.map(({ id: patch, subject, body, text }) => ({ id: patch, subject, body, text })),
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(exercised ? {} : { exercised: false as const }),
    fixed,
    kept,
    introduced,
    rank,
  }
}

function findingOf(finding: JudgedFinding): ComparisonDocument['cells'][number]['findings'][number] {
  const { oracle, subject, step, count, status, message, before, evidence } = finding
  return {
    oracle,
    subject,
    step,
    count,
    status,
    message,
    ...(before === undefined ? {} : { before }),
    evidence: evidence.map(({ text, chain, seq }) => ({
      text,
      chain: functionsOf(chain),
      ...(seq === undefined ? {} : { seq }),
    })),
  }
}

/**
 * The comparison as one JSON document, ending in a newline. The same comparison gives the same bytes. Device trees and reference
 * counts are not in it; `pfo run --trace` tells them.
 */
export function toJson(comparison: Comparison): string {
  const { kernel, baseline, variants, scenarios, cells, interactions } = comparison
  const document: ComparisonDocument = {
    schemaVersion,
    kernel,
    baseline,
    variants: variants.map(variantOf),
    scenarios: scenarios.map(({ id, title }) => ({ id, title })),
    cells: cells.map(({ variant, scenario, outcome, findings, console, steps }) => ({
      variant,
      scenario,
      outcome,
      findings: findings.map(findingOf),
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
