// SPDX-License-Identifier: GPL-2.0-only
import { interactionsOf } from '../view/interactions.ts'
import { namer } from '../view/names.ts'
import { wrapped } from './lines.ts'
import type { ComparisonView } from '../wording/comparison-view.ts'

/** Lists the interactions of patches by kind; empty if there are none. */
export function interactionLines(comparison: ComparisonView, columns: number): string[] {
  const name = namer(comparison)
  return interactionsOf(comparison).flatMap(({ kind, meaning, told }) => [
    wrapped('  ', `${kind} (${meaning})`, columns),
    ...told.map(({ variant, message }) => wrapped('    ', `${name(variant)}: ${message}`, columns)),
  ])
}
