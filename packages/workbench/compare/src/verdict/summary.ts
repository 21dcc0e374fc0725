// SPDX-License-Identifier: GPL-2.0-only
import type { Cell } from '../comparison.ts'
import { tally, type Tally } from './tally.ts'

/** Counts the findings of a variant's cells by status, and the changes. */
export function summaryOf(variant: string, cells: readonly Cell[]): Tally & { readonly changes: number } {
  const own = cells.filter((cell) => cell.variant === variant)
  return {
    ...tally(own.flatMap(({ findings }) => findings)),
    changes: own.reduce((sum, { changes }) => sum + changes.length, 0),
  }
}
