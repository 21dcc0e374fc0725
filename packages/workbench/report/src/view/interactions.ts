// SPDX-License-Identifier: GPL-2.0-only
import type { Interaction, InteractionKind } from '@pfo-workbench/compare'
import { countsText } from './comparison.ts'
import type { ToldComparison } from '../wording/told.ts'

/** Kinds in the order of what a reviewer has to know first, and what each means. */
const meanings: readonly (readonly [InteractionKind, string])[] = [
  ['combination', 'appears only in combination'],
  ['hides', 'only hides a finding'],
  ['order', 'depends on the order'],
  ['redundant', 'is made redundant by another'],
]

/** What the patches of some variants do to each other in one way. */
export interface InteractionGroup {
  readonly kind: InteractionKind
  readonly meaning: string
  readonly told: readonly { readonly variant: string; readonly message: string }[]
}

/** The oracle of the finding that an interaction is about. */
function oracleOf({ finding }: Interaction): string {
  return finding?.oracle ?? ''
}

/** The interactions of each kind that there are; of those that are about findings and the same patches only the first is told. */
export function interactionsOf(comparison: ToldComparison): InteractionGroup[] {
  const groups = new Map<string, Interaction[]>()
  for (const one of comparison.interactions) {
    const key = JSON.stringify([
      one.kind,
      one.variant,
      one.patches,
      one.finding === undefined ? one.message : 0,
    ])
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  const all = [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { kind, variant } = first
    const counts = countsText(group.map(oracleOf))
    const rest = group.length === 1 ? '' : `; and so ${String(group.length - 1)} more (in all ${counts})`
    return [{ kind, variant, message: first.message + rest }]
  })
  return meanings.flatMap(([kind, meaning]) => {
    const told = all.filter((one) => one.kind === kind)
    return told.length === 0 ? [] : [{ kind, meaning, told }]
  })
}
