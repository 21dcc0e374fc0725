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

/** A line that is in the file more often than this says nothing about the place. */
const rareLine = 20

/** The places at which a line of `wanted` that is rare in the file would be where it is; every place if there is none. */
function candidates(
  image: readonly string[],
  wanted: readonly string[],
  positions: ReadonlyMap<string, readonly number[]>,
): Iterable<number> {
  const places = new Set<number>()
  for (const [i, line] of wanted.entries()) {
    const there = positions.get(line.trim()) ?? []
    if (there.length > rareLine) continue
    for (const at of there) if (at >= i) places.add(at - i)
  }
  return places.size > 0 ? [...places].sort((a, b) => a - b) : image.keys()
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
  const positions = new Map<string, number[]>()
  for (const [at, line] of image.entries()) {
    const known = positions.get(line.trim())
    if (known === undefined) positions.set(line.trim(), [at])
    else known.push(at)
  }
  const lines = wanted.map((line) => ({
    words: wordsOf(line),
    weight: 1 / (positions.get(line.trim())?.length ?? 1),
  }))
  const known = new Map<string, ReadonlySet<string>>()
  const wordsAt = (line: string): ReadonlySet<string> => {
    const words = known.get(line) ?? wordsOf(line)
    known.set(line, words)
    return words
  }
  let best = { at: expected, likeness: 0 }
  for (const at of candidates(image, wanted, positions)) {
    if (budget.exhausted) return null
    let likeness = 0
    for (const [i, { words, weight }] of lines.entries()) {
      const found = image[at + i]
      budget.spend(words.size)
      if (found !== undefined) likeness += weight * likenessOf(words, wordsAt(found))
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
