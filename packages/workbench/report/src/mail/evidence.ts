// SPDX-License-Identifier: GPL-2.0-only
import {
  kindLegend,
  messageText,
  placeText,
  proofTexts,
  statusTitles,
  subjectText,
  variantsText,
} from '../text/kinds.ts'
import { wrapped } from '../text/lines.ts'
import { sign } from '../text/status.ts'
import { cellFinder, order } from '../view/comparison.ts'
import { newLines } from '../view/console.ts'
import { findingKinds, type FindingKind } from '../view/kinds.ts'
import { namer } from '../view/names.ts'
import { columns, quoted, section } from './lines.ts'
import type { ToldComparison } from '../wording/told.ts'

/** How many console lines prove a finding. */
const shownLines = 12

/** What the console of the first variant that has it says of a new Oops. */
function consoleOf(kind: FindingKind, comparison: ToldComparison): string[] {
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

/** A kind with what proves it. */
function told(kind: FindingKind, comparison: ToldComparison, name: (id: string) => string): string {
  return [
    wrapped('* ', `${kind.oracle}: ${subjectText(kind.subjects)}`, columns),
    ...[messageText(kind, name), ...proofTexts(kind)].map((line) => wrapped('    ', line, columns)),
    ...kind.places.map((place) => wrapped(`  ${sign[place.status]} `, placeText(place, name), columns)),
    ...consoleOf(kind, comparison),
  ].join('\n')
}

/** Kinds of an oracle of which each variant does the same are one entry: what they are about, and who does what. */
function named(
  kinds: readonly FindingKind[],
  { oracles }: ToldComparison,
  name: (id: string) => string,
): string {
  const entries = new Map<string, { oracle: string; subjects: Set<string>; places: string[] }>()
  for (const { oracle, subjects, places } of kinds) {
    const lines = places.map((place) =>
      wrapped(`  ${sign[place.status]} `, variantsText(place, name), columns),
    )
    const key = [oracle, ...lines].join('\n')
    const entry = entries.get(key) ?? { oracle, subjects: new Set(), places: lines }
    entries.set(key, entry)
    for (const subject of subjects) entry.subjects.add(subject)
  }
  const all = [...entries.values()]
  const byOracle = oracles.flatMap(({ id }) => all.filter(({ oracle }) => oracle === id))
  return byOracle
    .flatMap(({ oracle, subjects, places }) => [
      wrapped('* ', `${oracle}: ${subjectText([...subjects])}`, columns),
      ...places,
    ])
    .join('\n')
}

/** The first new kind of each oracle is told; the others are named. */
function newOnes(
  kinds: readonly FindingKind[],
  comparison: ToldComparison,
  name: (id: string) => string,
): string[] {
  const first = kinds.filter((kind) => kind === kinds.find(({ oracle }) => oracle === kind.oracle))
  const others = kinds.filter((kind) => !first.includes(kind))
  return [
    first.map((kind) => told(kind, comparison, name)).join('\n\n'),
    ...(others.length === 0 ? [] : ['', 'New as well:', named(others, comparison, name)]),
  ]
}

/**
 * The kinds of findings, a section for each status. A mail is to be read to its end: only what is new has its evidence, once for
 * each oracle; the other reports have all of it.
 */
export function evidence(comparison: ToldComparison): string[] {
  const kinds = findingKinds(comparison)
  const name = namer(comparison)
  const sections = order.flatMap((status) => {
    const own = kinds.filter((kind) => kind.status === status)
    if (own.length === 0) return []
    return [
      section(
        statusTitles[status],
        status === 'introduced' ? newOnes(own, comparison, name) : [named(own, comparison, name)],
      ),
    ]
  })
  return sections.length === 0 ? [] : [wrapped('', `${kindLegend}.`, columns), ...sections]
}
