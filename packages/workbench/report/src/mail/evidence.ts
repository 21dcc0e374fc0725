// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, FindingStatus } from '@pfo-workbench/compare'
import { chainText, isBrief, placeLines, subjectLines } from '../text/findings.ts'
import { wrapped } from '../text/lines.ts'
import { cellFinder, order } from '../view/comparison.ts'
import { newLines } from '../view/console.ts'
import { findingGroups, type FindingGroup } from '../view/findings.ts'
import { columns, quoted, section } from './lines.ts'

const titles: Readonly<Record<FindingStatus, string>> = {
  introduced: 'New: the unpatched kernel does not have it',
  fixed: 'Fixed by some (in n of the m scenarios that show it)',
  kept: 'Fixed by none (in n of the m scenarios that show it)',
}

/** How many console lines prove a finding. */
const shownLines = 12

/** What the console of the first variant that has it says of a new finding, if that is where it was found. */
function consoleOf(group: FindingGroup, comparison: Comparison): string[] {
  const [place] = group.places
  if (group.status !== 'introduced' || !['oops', 'console'].includes(group.oracle)) return []
  const find = cellFinder(comparison)
  const [variant = '', scenario = ''] = [place?.variants[0], place?.scenarios[0]]
  const before = find(comparison.baseline, scenario)?.console ?? []
  const lines = newLines(before, find(variant, scenario)?.console ?? [])
  if (lines.length === 0) return []
  return [
    '',
    ...lines.slice(0, shownLines).map(quoted),
    ...(lines.length > shownLines ? [quoted('...')] : []),
  ]
}

function block(group: FindingGroup, comparison: Comparison): string {
  const [first = '', ...others] = subjectLines(group.subjects)
  const isTold = group.status === 'introduced' || !isBrief(comparison)
  const proofs = group.evidence.map(({ text, chain }) => `${text}: ${chainText(chain, false)}`)
  return [
    wrapped('* ', `${group.oracle}: ${first}`, columns),
    ...others.map((subject) => wrapped('  ', subject, columns)),
    ...(isTold ? [group.message, ...proofs] : []).map((line) => wrapped('    ', line, columns)),
    ...group.places.flatMap((place) => placeLines(place, comparison, columns)),
    ...consoleOf(group, comparison),
  ].join('\n')
}

/** The findings, a section for each status: what is new with its evidence; so the rest, if variants are few. */
export function evidence(comparison: Comparison): string[] {
  const groups = findingGroups(comparison, true)
  return order.flatMap((status) => {
    const own = groups.filter((group) => group.status === status)
    if (own.length === 0) return []
    return [
      section(titles[status], [
        own.map((group) => block(group, comparison)).join(status === 'introduced' ? '\n\n' : '\n'),
      ]),
    ]
  })
}
