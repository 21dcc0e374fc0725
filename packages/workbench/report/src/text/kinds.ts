// SPDX-License-Identifier: GPL-2.0-only
import type { FindingKind, KindPlace, KindStatus } from '../view/kinds.ts'
import { chainText } from './lines.ts'

/** What the lines of variants say below kinds of findings. */
export const kindLegend = '+ introduces it, - fixes it, ~ fixes it in part, = keeps it (in n scenarios)'

/** More variants than these are counted, not named; of what is new all are named. */
const named: Readonly<Record<KindStatus, number>> = {
  introduced: Number.POSITIVE_INFINITY,
  fixed: 8,
  eased: 4,
  kept: 4,
}

/** `wipe (13), vio-notifier (2)`, or how many variants there are. */
export function placeText({ status, variants }: KindPlace, name: (id: string) => string): string {
  if (variants.length > named[status]) return `${String(variants.length)} variants`
  return variants.map(({ id, scenarios }) => `${name(id)} (${String(scenarios)})`).join(', ')
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
    message.startsWith(text) ? chainText(chain) : `${text}: ${chainText(chain)}`,
  )
}
