// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import type { SimilarFindings, KindPlace, KindStatus, KindVariant } from '../view/similar-findings.ts'
import { shortChainText } from '../view/chain.ts'

/** Headings of kinds of findings, by their most important status. */
export const statusTitles: Readonly<Record<FindingStatus, string>> = {
  introduced: 'New: the unpatched kernel does not have it',
  revealed: 'Revealed: the unpatched kernel has it too, but hides it',
  fixed: 'Fixed by some variants',
  'not-reached': 'Not reached by some variants',
  kept: 'Fixed by no variant',
}

/** Legend of the signs before variants. */
export const kindLegend =
  '+ introduces it, ^ reveals it, - fixes it, ~ fixes it in part, / ends before it, = keeps it (in n scenarios)'

/** Number of variants that are named; if there are more, they are counted. Introduced findings name all variants. */
const maxNamed: Readonly<Record<KindStatus, number>> = {
  introduced: Number.POSITIVE_INFINITY,
  revealed: 8,
  fixed: 8,
  eased: 4,
  'not-reached': 4,
  kept: 4,
}

function listOrNumber({ status, variants }: KindPlace, say: (one: KindVariant) => string): string {
  return variants.length > maxNamed[status]
    ? `${String(variants.length)} variants`
    : variants.map(say).join(', ')
}

/** The variants with their numbers of scenarios, `wipe (13), vio-notifier (2)`, or the number of variants. */
export function placeText(place: KindPlace, name: (id: string) => string): string {
  return listOrNumber(place, ({ id, scenarios }) => `${name(id)} (${String(scenarios)})`)
}

/** The first subject, and the number of others. */
export function subjectText([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first}, and ${String(others.length)} more`
}

/**
 * The message about the first subject, with variant and scenario. A console line is its own subject, so it is not
 * repeated.
 */
export function messageText(
  { message, subjects, variant, scenario }: SimilarFindings,
  name: (id: string) => string,
): string {
  const where = `(${name(variant)}, ${scenario})`
  return message === subjects[0] ? where : `${message} ${where}`
}

/** The evidence of a kind of findings. */
export function evidenceTexts({ evidence, message }: SimilarFindings): string[] {
  return evidence.map(({ text, chain }) =>
    // Do not repeat the message.
    message.startsWith(text) ? shortChainText(chain) : `${text}: ${shortChainText(chain)}`,
  )
}
