// SPDX-License-Identifier: GPL-2.0-only
import type { Change } from '@pfo-workbench/compare'
import { countsText } from './comparison.ts'
import type { ToldComparison } from '../wording/told.ts'

/** A difference that no oracle calls wrong, and where it is the same. */
interface ChangeGroup {
  readonly change: Change
  /** By variant: the scenarios. */
  readonly places: ReadonlyMap<string, readonly string[]>
}

/** A change in one line; a text of several lines has its line breaks written out. */
export function changeText({ kind, subject, before, after }: Change): string {
  const shown = (text: string): string => (text === '' ? '(none)' : text.replaceAll('\n', '\\n'))
  return `${kind} ${subject}: ${shown(before)} -> ${shown(after)}`
}

/** The changes of all variants; those that say the same stand together. */
function changeGroups({ cells }: ToldComparison): ChangeGroup[] {
  const groups = new Map<string, { change: Change; places: Map<string, string[]> }>()
  for (const { variant, scenario, changes } of cells) {
    for (const change of changes) {
      const key = changeText(change)
      const group = groups.get(key) ?? { change, places: new Map<string, string[]>() }
      groups.set(key, group)
      group.places.set(variant, [...(group.places.get(variant) ?? []), scenario])
    }
  }
  return [...groups.values()]
}

/** How many changes a variant has, by kind: `12 (file 10, result 2)`; null if it has none. */
function changeCounts({ cells }: ToldComparison, id: string): string | null {
  const kinds = cells
    .filter(({ variant }) => variant === id)
    .flatMap(({ changes }) => changes.map(({ kind }) => kind))
  return kinds.length === 0 ? null : `${String(kinds.length)} (${countsText(kinds)})`
}

/** What stands above a list of changes. */
export const changesTitle = 'Changes: otherwise than on the unpatched kernel, and nothing that is looked for'

/** More changes than these are counted, not told one by one. */
const mostTold = 40

/** All changes, one line each with the variants that have it; of many only the numbers, by variant. */
export function changeLines(comparison: ToldComparison, name: (id: string) => string): string[] {
  const groups = changeGroups(comparison)
  if (groups.length <= mostTold)
    return groups.map(({ change, places }) => {
      const where = [...places].map(([id, scenarios]) => `${name(id)} (${String(scenarios.length)})`)
      return `${changeText(change)}: ${where.join(', ')}`
    })
  return comparison.variants.flatMap(({ id }) => {
    const counts = changeCounts(comparison, id)
    return counts === null ? [] : [`${name(id)}: ${counts}`]
  })
}
