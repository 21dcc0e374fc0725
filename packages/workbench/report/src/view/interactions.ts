// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, Interaction, InteractionKind } from '@pfo-workbench/compare'

/** Kinds in the order of what a reviewer has to know first, and what each means. */
export const interactionKinds: readonly (readonly [InteractionKind, string])[] = [
  ['combination', 'appears only in combination'],
  ['hides', 'only hides a finding'],
  ['order', 'depends on the order'],
  ['redundant', 'is made redundant by another'],
]

/** What is to be said of the same patches in the same variant. */
export interface InteractionGroup {
  readonly kind: InteractionKind
  readonly variant: string
  readonly message: string
}

/** `leak 3, oops 1`: the oracles of findings, with how many each has. */
function oraclesOf(group: readonly Interaction[]): string {
  const counts = new Map<string, number>()
  for (const { finding } of group) {
    const oracle = finding?.split(' ')[0] ?? ''
    counts.set(oracle, (counts.get(oracle) ?? 0) + 1)
  }
  return [...counts].map(([oracle, count]) => `${oracle} ${String(count)}`).join(', ')
}

/** All interactions, by kind; of those that are about findings and the same patches only the first is told. */
export function interactionsOf(comparison: Comparison): InteractionGroup[] {
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
  const told = [...groups.values()].flatMap((group): InteractionGroup[] => {
    const [first] = group
    if (first === undefined) return []
    const { kind, variant } = first
    const rest =
      group.length === 1 ? '' : `; and so ${String(group.length - 1)} more (in all ${oraclesOf(group)})`
    return [{ kind, variant, message: first.message + rest }]
  })
  return interactionKinds.flatMap(([kind]) => told.filter((one) => one.kind === kind))
}
