// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, Interaction, InteractionKind } from '@pfo-workbench/compare'

/** Kinds in the order of what a reviewer has to know first, and what each means. */
export const interactionKinds: readonly (readonly [InteractionKind, string])[] = [
  ['combination', 'appears only in combination'],
  ['hides', 'only hides a finding'],
  ['order', 'depends on the order'],
  ['redundant', 'is made redundant by another'],
]

/** All interactions, by kind. */
export function interactionsOf(comparison: Comparison): Interaction[] {
  return interactionKinds.flatMap(([kind]) => comparison.interactions.filter((one) => one.kind === kind))
}
