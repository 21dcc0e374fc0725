// SPDX-License-Identifier: GPL-2.0-only
import type { InteractionKind } from '@pfo-workbench/compare'
import { countsText } from './comparison.ts'
import type { ComparisonView, InteractionView } from '../wording/comparison-view.ts'

/** Kinds of interactions in reports. `hides` combines the two ways in which a patch can hide a finding. */
const groups: readonly {
  readonly name: string
  readonly meaning: string
  readonly kinds: readonly InteractionKind[]
}[] = [
  { name: 'combination', meaning: 'appears only in combination', kinds: ['combination'] },
  { name: 'hides', meaning: 'hides a finding without fixing it', kinds: ['masked', 'returns'] },
  { name: 'order', meaning: 'depends on the order', kinds: ['order'] },
  { name: 'redundant', meaning: 'is redundant', kinds: ['redundant'] },
]

const nameOf = (kind: InteractionKind): string =>
  groups.find(({ kinds }) => kinds.includes(kind))?.name ?? kind

/** The interactions of one kind. */
export interface InteractionGroup {
  readonly kind: string
  readonly meaning: string
  readonly told: readonly { readonly variant: string; readonly message: string }[]
}

/** The oracle of the interaction's finding; empty if it has none. */
function oracleOf(one: InteractionView): string {
  return 'finding' in one ? one.finding.oracle : ''
}

/**
 * Lists the interactions by kind. If the same patches of a variant have several interactions of one kind that concern
 * findings, only the first is described and the others are counted.
 */
export function interactionsOf(comparison: ComparisonView): InteractionGroup[] {
  const alike = new Map<string, InteractionView[]>()
  for (const one of comparison.interactions) {
    const about = 'finding' in one ? 0 : one.message
    const key = JSON.stringify([nameOf(one.kind), one.variant, one.patches, about])
    alike.set(key, [...(alike.get(key) ?? []), one])
  }
  const all = [...alike.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { kind, variant } = first
    const counts = countsText(group.map(oracleOf))
    const rest = group.length === 1 ? '' : `; likewise ${String(group.length - 1)} more (in total ${counts})`
    return [{ kind, variant, message: first.message + rest }]
  })
  return groups.flatMap(({ name, meaning, kinds }) => {
    const told = all.filter(({ kind }) => kinds.includes(kind))
    return told.length === 0 ? [] : [{ kind: name, meaning, told }]
  })
}
