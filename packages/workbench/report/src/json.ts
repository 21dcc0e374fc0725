// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import type { ReportOptions } from './options.ts'

/** Version of the JSON document's shape; a field that changes meaning raises it. */
const schemaVersion = 1

/** The comparison as one JSON document, ending in a newline. The same comparison gives the same bytes. */
export function toJson(comparison: Comparison, _options: ReportOptions = {}): string {
  const { kernel, baseline, variants, scenarios, cells } = comparison
  const document = {
    schemaVersion,
    kernel,
    baseline,
    variants: variants.map(
      ({ id, title, patches, status, reason, exercised, fixed, kept, introduced, rank }) => ({
        id,
        title,
        patches,
        status,
        ...(reason === undefined ? {} : { reason }),
        ...(exercised ? {} : { exercised }),
        fixed,
        kept,
        introduced,
        rank,
      }),
    ),
    scenarios,
    cells: cells.map(({ variant, scenario, outcome, findings, console }) => ({
      variant,
      scenario,
      outcome,
      findings: findings.map(({ oracle, subject, step, count, status, message }) => ({
        oracle,
        subject,
        step,
        count,
        status,
        message,
      })),
      console,
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
