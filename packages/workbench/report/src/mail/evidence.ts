// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, FindingStatus } from '@pfo-workbench/compare'
import { kindLegend, messageText, placeText, proofTexts, subjectText } from '../text/kinds.ts'
import { wrapped } from '../text/lines.ts'
import { sign } from '../text/status.ts'
import { cellFinder, isBrief, order } from '../view/comparison.ts'
import { newLines } from '../view/console.ts'
import { findingKinds, type FindingKind } from '../view/kinds.ts'
import { namer } from '../view/names.ts'
import { columns, quoted, section } from './lines.ts'

const titles: Readonly<Record<FindingStatus, string>> = {
  introduced: 'New: the unpatched kernel does not have it',
  fixed: 'Fixed by some',
  kept: 'Fixed by none',
}

/** How many console lines prove a finding. */
const shownLines = 12

/** What the console of the first variant that has it says of a new Oops. */
function consoleOf(kind: FindingKind, comparison: Comparison): string[] {
  if (kind.status !== 'introduced' || kind.oracle !== 'oops') return []
  const find = cellFinder(comparison)
  const before = find(comparison.baseline, kind.scenario)?.console ?? []
  const lines = newLines(before, find(kind.variant, kind.scenario)?.console ?? [])
  if (lines.length === 0) return []
  return [
    '',
    ...lines.slice(0, shownLines).map(quoted),
    ...(lines.length > shownLines ? [quoted('...')] : []),
  ]
}

function block(kind: FindingKind, comparison: Comparison, name: (id: string) => string): string {
  const isTold = kind.status === 'introduced' || !isBrief(comparison)
  return [
    wrapped('* ', `${kind.oracle}: ${subjectText(kind)}`, columns),
    ...[messageText(kind, name), ...(isTold ? proofTexts(kind) : [])].map((line) =>
      wrapped('    ', line, columns),
    ),
    ...kind.places.map((place) => wrapped(`  ${sign[place.status]} `, placeText(place, name), columns)),
    ...consoleOf(kind, comparison),
  ].join('\n')
}

/** The kinds of findings, a section for each status: what is new with its evidence; so the rest, if variants are few. */
export function evidence(comparison: Comparison): string[] {
  const kinds = findingKinds(comparison)
  const name = namer(comparison)
  const sections = order.flatMap((status) => {
    const own = kinds.filter((kind) => kind.status === status)
    return own.length === 0
      ? []
      : [section(titles[status], [own.map((kind) => block(kind, comparison, name)).join('\n\n')])]
  })
  return sections.length === 0 ? [] : [wrapped('', `${kindLegend}.`, columns), ...sections]
}
