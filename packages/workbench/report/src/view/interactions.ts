// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'

/** What patches of one stack do to each other. */
export interface Interaction {
  readonly variant: string
  readonly kind: 'combination' | 'redundant' | 'hides' | 'order'
  readonly patches: readonly string[]
  readonly finding?: string
  readonly scenario?: string
  readonly message: string
}

/** Kinds in the order of what a reviewer has to know first, and what each means. */
export const interactionKinds: readonly (readonly [Interaction['kind'], string])[] = [
  ['combination', 'appears only in combination'],
  ['hides', 'only hides a finding'],
  ['order', 'depends on the order'],
  ['redundant', 'is made redundant by another'],
]

/** All interactions, by kind. */
export function interactionsOf(comparison: Comparison): Interaction[] {
  const all = (comparison as { interactions?: readonly Interaction[] }).interactions ?? []
  return interactionKinds.flatMap(([kind]) => all.filter((one) => one.kind === kind))
}
