// SPDX-License-Identifier: GPL-2.0-only
import { ranked } from './comparison.ts'
import type { ToldComparison } from '../wording/told.ts'

/** Longer ids of stacks are unreadable in the middle of a sentence. */
const longestName = 44

/** The number by which a report that numbers its ranking calls a variant: its place there. */
export function numbersOf(comparison: ToldComparison): ReadonlyMap<string, string> {
  return new Map(ranked(comparison).map(({ id }, index) => [id, `#${String(index + 1)}`]))
}

/** How a variant is called within a line: by its id, or by its number where that is too long. */
export function namer(comparison: ToldComparison): (id: string) => string {
  const numbers = numbersOf(comparison)
  return (id) => (id.length > longestName ? (numbers.get(id) ?? id) : id)
}
