// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { HunkSide } from './hunk-side.ts'
import type { ComparisonBudget } from './place-hunk.ts'

/**
 * Shows why a hunk fits nowhere: its lines next to the most similar lines of the file. Line numbers are counted from 1.
 */
export interface HunkDifference {
  /** The lines that the hunk expects, without newlines. */
  readonly expected: readonly string[]
  /** Line of the file at which `expected` should begin. */
  readonly expectedLine: number
  /** The most similar lines of the file, as many as are expected; fewer at the end of the file. */
  readonly found: readonly string[]
  /** Line of the file at which `found` begins. */
  readonly foundLine: number
  /** Index in `expected` of the first line that differs; 0 if none does. */
  readonly first: number
  /** Line of the patch source that holds `expected[first]`. */
  readonly patchLine: number
  /** The cause, if `found` and `expected` are the same or differ only in blanks; otherwise null. */
  readonly cause: DifferenceCause | null
}

/**
 * Reason why a hunk does not fit although its lines are in the file.
 *
 * - `blanks`: the lines differ only in blanks and tabs. A mailer or an editor changed them.
 * - `not-at-start`: the lines must be the first of the file, because the hunk header says so.
 * - `not-at-end`: the lines must be the last of the file, because the hunk has no context after its last change.
 * - `overlap`: a previous hunk has taken the lines.
 */
export type DifferenceCause = 'blanks' | 'not-at-start' | 'not-at-end' | 'overlap'

const blankless = (lines: readonly string[]): string => lines.join('').replace(/[ \t\r]+/g, '')

function causeOf(image: readonly string[], side: HunkSide, at: number): DifferenceCause | null {
  const end = at + side.lines.length
  const found = image.slice(at, end)
  if (found.length < side.lines.length || blankless(found) !== blankless(side.lines)) return null
  if (!side.lines.every((line, index) => line === found[index])) return 'blanks'
  if (side.atBeginning && at > 0) return 'not-at-start'
  return side.atEnd && end < image.length ? 'not-at-end' : 'overlap'
}

const wordsOf = (line: string): ReadonlySet<string> => new Set(line.match(/\w+|[^\w\s]+/g) ?? [''])

/** The share of common words in two lines, from 0 to 1. */
function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let common = 0
  for (const word of one) if (other.has(word)) common++
  return common / (one.size + other.size - common)
}

/** A line that occurs more often in the file says nothing about the position. */
const rareLine = 20

/** Positions at which some rare line of `wanted` matches; all positions if it has no rare line. */
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
 * The position whose lines are most similar to `wanted`; among equally similar positions, the closest to `expected`.
 * Rare lines have more weight, because braces and empty lines are everywhere. Null if the budget is exhausted.
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
 * Compares a hunk that fits nowhere with the most similar lines of the file.
 *
 * @param expected - index of the line at which the hunk was expected
 * @returns null if the budget is exhausted
 */
export function differenceOf(
  image: readonly string[],
  hunk: Hunk,
  side: HunkSide,
  expected: number,
  budget: ComparisonBudget,
): HunkDifference | null {
  budget.spend(image.length)
  const at = nearest(image, side.lines, expected, budget)
  if (at === null) return null
  const found = image.slice(at, at + side.lines.length)
  const first = Math.max(
    0,
    side.lines.findIndex((line, index) => line !== found[index]),
  )
  return {
    expected: side.lines.map(withoutNewline),
    expectedLine: expected + 1,
    found: found.map(withoutNewline),
    foundLine: at + 1,
    first,
    patchLine: hunk.line + 1 + (side.origin[first] ?? 0),
    cause: causeOf(image, side, at),
  }
}
