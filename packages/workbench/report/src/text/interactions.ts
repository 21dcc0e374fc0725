// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { interactionKinds, interactionsOf } from '../view/interactions.ts'
import { namer } from '../view/names.ts'
import { wrapped } from './lines.ts'

/** What the patches of stacks do to each other, by kind; empty if nothing. */
export function interactionLines(comparison: Comparison, columns: number): string[] {
  const all = interactionsOf(comparison)
  const name = namer(comparison)
  return interactionKinds.flatMap(([kind, meaning]) => {
    const own = all.filter((one) => one.kind === kind)
    if (own.length === 0) return []
    const lines = own.map(({ variant, message }) => wrapped('    ', `${name(variant)}: ${message}`, columns))
    return [`  ${kind} (${meaning})`, ...lines]
  })
}
