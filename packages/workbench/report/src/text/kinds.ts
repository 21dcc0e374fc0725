// SPDX-License-Identifier: GPL-2.0-only
import type { FindingStatus } from '@pfo-workbench/compare'
import type { FindingKind, KindPlace, KindStatus, KindVariant } from '../view/kinds.ts'
import { shortChainText } from '../view/chain.ts'

/** Headings of kinds of findings by the first status that any variant gives them. */
export const statusTitles: Readonly<Record<FindingStatus, string>> = {
  introduced: 'New: the unpatched kernel does not have it',
  revealed: 'Revealed: the unpatched kernel has it too, and does not show it',
  fixed: 'Fixed by some',
  'not-reached': 'Not reached by some',
  kept: 'Fixed by none',
}

/** What the lines of variants say below kinds of findings. */
export const kindLegend =
  '+ introduces it, ^ reveals it, - fixes it, ~ in part, / ends before it, = keeps it (in n scenarios)'

/** More variants than these are counted, not named; of what is new all are named. */
const mostNamed: Readonly<Record<KindStatus, number>> = {
  introduced: Number.POSITIVE_INFINITY,
  revealed: 8,
  fixed: 8,
  eased: 4,
  'not-reached': 4,
  kept: 4,
}

function listOrNumber({ status, variants }: KindPlace, say: (one: KindVariant) => string): string {
  return variants.length > mostNamed[status]
    ? `${String(variants.length)} variants`
    : variants.map(say).join(', ')
}

/** `wipe (13), vio-notifier (2)`: the variants with the number of their scenarios, or how many variants there are. */
export function placeText(place: KindPlace, name: (id: string) => string): string {
  return listOrNumber(place, ({ id, scenarios }) => `${name(id)} (${String(scenarios)})`)
}

/** What was found, and how many more of the kind. */
export function subjectText([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first}, and ${String(others.length)} more`
}

/** What is said of the first subject, where; a line of a console says it itself. */
export function messageText(
  { message, subjects, variant, scenario }: FindingKind,
  name: (id: string) => string,
): string {
  const where = `(${name(variant)}, ${scenario})`
  return message === subjects[0] ? where : `${message} ${where}`
}

/** What proves it. */
export function proofTexts({ evidence, message }: FindingKind): string[] {
  return evidence.map(({ text, chain }) =>
    // What the message says already is not said again.
    message.startsWith(text) ? shortChainText(chain) : `${text}: ${shortChainText(chain)}`,
  )
}
