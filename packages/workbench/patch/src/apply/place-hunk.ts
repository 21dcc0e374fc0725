// SPDX-License-Identifier: GPL-2.0-only
import type { Hunk } from '../diff/hunks.ts'
import type { HunkSide } from './hunk-side.ts'
import type { Functions } from './same-function.ts'

/** Limits the line comparisons for one patch. Hostile patches repeat lines that match nearly everywhere. */
export class ComparisonBudget {
  #left: number

  constructor(comparisons = 5_000_000) {
    this.#left = comparisons
  }

  get exhausted(): boolean {
    return this.#left <= 0
  }

  spend(comparisons: number): void {
    this.#left -= comparisons
  }
}

/**
 * The reason why a hunk is not applied although its lines were found: they are in another function, or they occur
 * several times in the hunk's function.
 */
export type ElsewhereReason = 'other-function' | 'ambiguous'

/** Result of a search for a hunk. Positions are line indices. */
export type Placement =
  | { readonly kind: 'fits'; readonly at: number }
  | {
      readonly kind: 'elsewhere'
      readonly why: ElsewhereReason
      readonly places: readonly number[]
    }
  | { readonly kind: 'nowhere' }

/** Maximum number of positions to return. */
const maxPlaces = 20

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

/** All positions at which a side of a hunk matches, up to `maxPlaces` and until the budget is exhausted. */
function placesOf({ image, side, taken, budget }: Search): number[] {
  const places: number[] = []
  const last = image.length - side.lines.length
  for (let at = side.atEnd ? Math.max(0, last) : 0; at <= last; at++) {
    if (budget.exhausted || places.length === maxPlaces) break
    budget.spend(1)
    if (matches(image, side, at, budget) && isFree(taken, side, at)) places.push(at)
    if (side.atBeginning) break
  }
  return places
}

/** The lines of a hunk in a file, as indices; `end` is the index after the last of them. */
export interface LineRange {
  readonly start: number
  readonly end: number
}

function isFree(taken: readonly LineRange[], side: HunkSide, at: number): boolean {
  return taken.every(({ start, end }) => at >= end || at + side.lines.length <= start)
}

/** The lines to search for, and the file to search. */
export interface Search {
  readonly image: readonly string[]
  readonly functions: Functions
  readonly hunk: Hunk
  readonly side: HunkSide
  /** The lines of the previous hunks. Hunks do not overlap. */
  readonly taken: readonly LineRange[]
  /** Distance of the previous hunk from its stated position, in lines. */
  readonly shift: number
  readonly budget: ComparisonBudget
}

/**
 * Finds the position of a hunk. All its lines must match exactly.
 *
 * The stated position of the hunk is tried first, unless the previous hunk was found at another position than stated.
 * Any other position must be unique in the hunk's function. Functions may be in another order than in the file that the
 * patch was made for.
 */
export function placeHunk(search: Search): Placement {
  const { image, functions, hunk, side, taken, shift, budget } = search
  const { stated } = side
  if (shift === 0 && matches(image, side, stated, budget) && isFree(taken, side, stated)) {
    return { kind: 'fits', at: stated }
  }
  const places = placesOf(search)
  const [first, ...more] = places.filter((at) => functions.holds(hunk, side, at, stated + shift))
  if (first !== undefined && more.length === 0) return { kind: 'fits', at: first }
  if (first !== undefined) return { kind: 'elsewhere', why: 'ambiguous', places: [first, ...more] }
  return places.length > 0 ? { kind: 'elsewhere', why: 'other-function', places } : { kind: 'nowhere' }
}
