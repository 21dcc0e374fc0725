// SPDX-License-Identifier: GPL-2.0-only
import { ranked } from './comparison.ts'
import type { ComparisonView } from '../wording/comparison-view.ts'

/** Maximum length of an id within a sentence. A variant with a longer id is named by its number. */
const longestName = 44

/** The numbers that name variants in reports with a numbered ranking: `#` and the position. */
export function numbersOf(comparison: ComparisonView): ReadonlyMap<string, string> {
  return new Map(ranked(comparison).map(({ id }, index) => [id, `#${String(index + 1)}`]))
}

/** Returns a function that names a variant within a line: by its id, or by its number if the id is too long. */
export function namer(comparison: ComparisonView): (id: string) => string {
  const numbers = numbersOf(comparison)
  return (id) => (id.length > longestName ? (numbers.get(id) ?? id) : id)
}
