// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { interactionsOf } from '../view/interactions.ts'
import { namer } from '../view/names.ts'
import { wrapped } from './lines.ts'

/** What the patches of stacks do to each other, by kind; empty if nothing. */
export function interactionLines(comparison: Comparison, columns: number): string[] {
  const name = namer(comparison)
  return interactionsOf(comparison).flatMap(({ kind, meaning, told }) => [
    `  ${kind} (${meaning})`,
    ...told.map(({ variant, message }) => wrapped('    ', `${name(variant)}: ${message}`, columns)),
  ])
}
