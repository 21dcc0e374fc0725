// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { HunkSide } from './image.ts'
import type { Functions } from './same-function.ts'

/** Line comparisons that are left for one patch. Hostile patches repeat lines that match nearly everywhere. */
export class ComparisonBudget {
  #left: number

  constructor(comparisons = 20_000_000) {
    this.#left = comparisons
  }

  get exhausted(): boolean {
    return this.#left <= 0
  }

  spend(comparisons: number): void {
    this.#left -= comparisons
  }
}

/** Why a hunk is not applied where its lines are: in another function, at several places of its own, before the hunk before it. */
export type ElsewhereReason = 'other-function' | 'ambiguous' | 'out-of-order'

/** Where a hunk fits. Places are indices of lines. */
export type Placement =
  | { readonly kind: 'fits'; readonly at: number }
  | {
      readonly kind: 'elsewhere'
      readonly why: ElsewhereReason
      readonly places: readonly number[]
    }
  | { readonly kind: 'nowhere' }

/** Places that are named at most. */
const mostPlaces = 20

function matches(image: readonly string[], side: HunkSide, at: number, budget: ComparisonBudget): boolean {
  if (at < 0 || at + side.lines.length > image.length) return false
  if (side.atBeginning && at !== 0) return false
  if (side.atEnd && at + side.lines.length !== image.length) return false
  for (const [index, line] of side.lines.entries()) {
    budget.spend(1)
    if (image[at + index] !== line) return false
  }
  return true
}

/** All places from `from` on at which a side of a hunk matches, up to `mostPlaces`. */
function placesOf(
  image: readonly string[],
  side: HunkSide,
  from: number,
  budget: ComparisonBudget,
): number[] {
  const places: number[] = []
  const last = image.length - side.lines.length
  for (let at = side.atEnd ? Math.max(from, last) : from; at <= last; at++) {
    if (budget.exhausted || places.length === mostPlaces) break
    budget.spend(1)
    if (matches(image, side, at, budget)) places.push(at)
    if (side.atBeginning) break
  }
  return places
}

/** What is looked for, and where. */
export interface Search {
  readonly image: readonly string[]
  readonly functions: Functions
  readonly hunk: Hunk
  readonly side: HunkSide
  /** The first line that no hunk before this one has taken. */
  readonly from: number
  /** By how many lines the hunk before this one was off its stated place. */
  readonly shift: number
  readonly budget: ComparisonBudget
}

/**
 * Looks for the place of a hunk. All its lines must match exactly.
 *
 * The stated place is taken if no hunk before it was off its own. Else the hunk must be in its function: off by as much as the
 * hunk before it, or at the only such place.
 */
export function placeHunk({ image, functions, hunk, side, from, shift, budget }: Search): Placement {
  const fits = (at: number): boolean => at >= from && matches(image, side, at, budget)
  const expected = side.stated + shift
  if (shift === 0 && fits(side.stated)) return { kind: 'fits', at: side.stated }
  const own = (at: number): boolean => functions.holds(hunk, side, at, expected)
  if (shift !== 0 && fits(expected) && own(expected)) return { kind: 'fits', at: expected }
  const places = placesOf(image, side, from, budget)
  const [first, ...more] = places.filter(own)
  if (first !== undefined && more.length === 0) return { kind: 'fits', at: first }
  if (first !== undefined) return { kind: 'elsewhere', why: 'ambiguous', places: [first, ...more] }
  if (places.length > 0) return { kind: 'elsewhere', why: 'other-function', places }
  const above = placesOf(image, side, 0, budget)
  return above.length > 0 ? { kind: 'elsewhere', why: 'out-of-order', places: above } : { kind: 'nowhere' }
}
