// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, FindingStatus } from '@pfo-workbench/compare'
import { order } from '../view/comparison.ts'
import { findingGroups, scenarioList, variantList, type FindingGroup, type Place } from '../view/findings.ts'
import { wrapped } from './lines.ts'
import { paint, sign, type Colors } from './status.ts'

/** How many functions of a call chain are shown, and how many in brief. */
const shownFunctions = 9
const briefFunctions = 5

/** How many subjects of one group are named. */
const shownSubjects = 6

/** Of more variants than this, fixed and kept findings are told in brief. */
const fewVariants = 7

/** More variants than this that keep a finding are counted, not named. */
const namedKeepers = 3

/** `inner < outer < ...`. */
export function chainText(chain: readonly string[], brief: boolean): string {
  const most = brief ? briefFunctions : shownFunctions
  const shown = chain.length > most ? [...chain.slice(0, most), '...'] : chain
  return shown.join(' < ')
}

export function isBrief({ variants }: Comparison): boolean {
  return variants.length > fewVariants
}

/** `first`, then the others below it; of many, how many more there are. */
export function subjectLines(subjects: readonly string[]): string[] {
  const more = subjects.length - shownSubjects
  if (more <= 1) return [...subjects]
  return [...subjects.slice(0, shownSubjects), `and ${String(more)} more`]
}

function who({ status, variants }: Place, comparison: Comparison): string {
  const names = variantList(variants, comparison)
  if (status !== 'kept' || variants.length <= namedKeepers || names.startsWith('every ')) return names
  return `${String(variants.length)} variants`
}

export function placeLines(place: Place, comparison: Comparison, columns: number): string[] {
  const where = place.scenarios.length === 0 ? '' : `: ${scenarioList(place.scenarios, comparison.scenarios)}`
  const lines = [wrapped(`  ${sign[place.status]} `, `${who(place, comparison)}${where}`, columns)]
  if (place.message !== null) lines.push(wrapped('      ', place.message, columns))
  if (place.before !== null) lines.push(wrapped('      unpatched: ', place.before, columns))
  return lines
}

function block(group: FindingGroup, comparison: Comparison, brief: boolean, colors: Colors): string {
  const [first = '', ...others] = subjectLines(group.subjects)
  const indent = ' '.repeat(group.oracle.length + 2)
  const proofs = group.evidence.map((proof) =>
    colors.dim(wrapped('      ', `${proof.text}: ${chainText(proof.chain, brief)}`)),
  )
  const from = proofs.length === 0 ? '' : ` (${group.scenario})`
  return [
    colors.bold(wrapped('', `${group.oracle}  ${first}`)),
    ...others.map((subject) => colors.bold(wrapped(indent, subject))),
    wrapped('    ', `${group.message}${from}`),
    ...proofs,
    ...group.places.flatMap((place) =>
      placeLines(place, comparison, 80).map((line) => paint(colors, place.status, line)),
    ),
  ].join('\n')
}

const headings: Readonly<Record<FindingStatus, string>> = {
  introduced: 'INTRODUCED: the unpatched kernel does not have it',
  fixed: 'FIXED: a variant does not have it any more',
  kept: 'KEPT: no variant does anything about it',
}

/** Each finding once: what it is, what proves it, which variants fix, keep or introduce it where; what is new comes first. */
export function findings(comparison: Comparison, colors: Colors): string {
  const brief = isBrief(comparison)
  const all = findingGroups(comparison, brief)
  return order
    .flatMap((status) => {
      const own = all.filter((one) => one.status === status)
      if (own.length === 0) return []
      return [colors.bold(headings[status]), ...own.map((one) => block(one, comparison, brief, colors))]
    })
    .join('\n\n')
}
