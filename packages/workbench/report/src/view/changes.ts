// SPDX-License-Identifier: GPL-2.0-only
import type { Change } from '@pfo-workbench/compare'
import { countsText } from './comparison.ts'
import type { ComparisonView } from '../wording/comparison-view.ts'

/** A change, and the places where it occurs. */
interface ChangeGroup {
  readonly change: Change
  /** Scenarios, by variant. */
  readonly places: ReadonlyMap<string, readonly string[]>
}

/** Formats a change in one line. Line breaks are shown as escape sequences. */
export function changeText({ kind, subject, before, after }: Change): string {
  const shown = (text: string): string => (text === '' ? '(none)' : text.replaceAll('\n', '\\n'))
  return `${kind} ${subject}: ${shown(before)} -> ${shown(after)}`
}

/** Groups the equal changes of all variants. */
function changeGroups({ cells }: ComparisonView): ChangeGroup[] {
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

/** Counts the changes of a variant by kind: `12 (file 10, result 2)`; null if there are none. */
function changeCounts({ cells }: ComparisonView, id: string): string | null {
  const kinds = cells
    .filter(({ variant }) => variant === id)
    .flatMap(({ changes }) => changes.map(({ kind }) => kind))
  return kinds.length === 0 ? null : `${String(kinds.length)} (${countsText(kinds)})`
}

/** Heading of the list of changes. */
export const changesTitle = 'Changes: differences from the unpatched kernel that no oracle reports'

/** If there are more changes, they are counted by variant instead of listed. */
const maxChanges = 40

/** Lists all changes, one per line, with their variants. If there are too many, lists their numbers by variant. */
export function changeLines(comparison: ComparisonView, name: (id: string) => string): string[] {
  const groups = changeGroups(comparison)
  if (groups.length <= maxChanges)
    return groups.map(({ change, places }) => {
      const where = [...places].map(([id, scenarios]) => `${name(id)} (${String(scenarios.length)})`)
      return `${changeText(change)}: ${where.join(', ')}`
    })
  return comparison.variants.flatMap(({ id }) => {
    const counts = changeCounts(comparison, id)
    return counts === null ? [] : [`${name(id)}: ${counts}`]
  })
}
