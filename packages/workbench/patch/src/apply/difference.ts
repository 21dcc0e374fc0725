// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { HunkSide } from './image.ts'
import type { ComparisonBudget } from './place-hunk.ts'

/** Why a hunk fits nowhere: its lines beside the most similar lines of the file. Line numbers count from 1. */
export interface Difference {
  /** The lines that the hunk expects, without newlines. */
  readonly expected: readonly string[]
  /** Line of the file at which they were expected. */
  readonly expectedLine: number
  /** As many lines of the file where most is alike; fewer at its end. */
  readonly found: readonly string[]
  /** Line of the file at which `found` begins. */
  readonly foundLine: number
  /** Index in `expected` of the first line that differs. */
  readonly first: number
  /** Line of the source of the patch that holds `expected[first]`. */
  readonly patchLine: number
  /** Whether the lines differ in blanks and tabs only: a mailer or an editor changed them. */
  readonly onlyBlanks: boolean
}

const wordsOf = (line: string): ReadonlySet<string> => new Set(line.match(/\w+|[^\w\s]+/g) ?? [''])

/** How many of the words of two lines they have in common, from 0 to 1. */
function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0
  for (const word of one) if (other.has(word)) common++
  return common / (one.size + other.size - common)
}

/**
 * The place at which most of `wanted` stands; of equals the one closest to `expected`. Rare lines count more: braces and empty
 * lines are everywhere. Null when the budget is used up.
 */
function nearest(
  image: readonly string[],
  wanted: readonly string[],
  expected: number,
  budget: ComparisonBudget,
): number | null {
  const counts = new Map<string, number>()
  for (const line of image) counts.set(line.trim(), (counts.get(line.trim()) ?? 0) + 1)
  const lines = wanted.map((line) => ({ words: wordsOf(line), weight: 1 / (counts.get(line.trim()) ?? 1) }))
  const there = image.map(wordsOf)
  let best = { at: expected, likeness: 0 }
  for (let at = 0; at < image.length && !budget.exhausted; at++) {
    let likeness = 0
    for (const [i, { words, weight }] of lines.entries()) {
      const found = there[at + i]
      budget.spend(words.size)
      if (found !== undefined) likeness += weight * likenessOf(words, found)
    }
    const closer = Math.abs(at - expected) < Math.abs(best.at - expected)
    if (likeness > best.likeness || (likeness > 0 && likeness === best.likeness && closer)) {
      best = { at, likeness }
    }
  }
  return budget.exhausted ? null : best.at
}

const withoutNewline = (line: string): string => (line.endsWith('\n') ? line.slice(0, -1) : line)

/**
 * Compares a hunk that fits nowhere with the lines of the file that are most like it.
 *
 * @param expected - index of the line at which it was expected
 * @returns null when the budget is used up
 */
export function differenceOf(
  image: readonly string[],
  hunk: Hunk,
  side: HunkSide,
  expected: number,
  budget: ComparisonBudget,
): Difference | null {
  budget.spend(image.length)
  const at = nearest(image, side.lines, expected, budget)
  if (at === null) return null
  const found = image.slice(at, at + side.lines.length)
  const first = Math.max(
    0,
    side.lines.findIndex((line, index) => line !== found[index]),
  )
  const blankless = (lines: readonly string[]): string => lines.join('').replace(/[ \t\r]+/g, '')
  return {
    expected: side.lines.map(withoutNewline),
    expectedLine: expected + 1,
    found: found.map(withoutNewline),
    foundLine: at + 1,
    first,
    patchLine: hunk.line + 1 + (side.origin[first] ?? 0),
    onlyBlanks: found.length === side.lines.length && blankless(found) === blankless(side.lines),
  }
}
