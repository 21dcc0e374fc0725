// SPDX-License-Identifier: GPL-2.0-only
import { applyPatch as applyStructuredPatch } from 'diff'
import type { FileChange } from '../diff/diff.ts'
import { differenceOf } from './difference.ts'
import { linesOf, sideOf, type Side } from './hunk-side.ts'
import { placeHunk, type ComparisonBudget, type LineRange, type Placement } from './place-hunk.ts'
import type { HunkResult } from './result.ts'
import { Functions } from './same-function.ts'

/** The hunks of one file, with their positions in a text. */
export interface PlacedHunks {
  readonly results: readonly HunkResult[]
  /** True if all hunks fit. */
  readonly fits: boolean
  /** True if a hunk is not at its stated position. */
  readonly moved: boolean
}

/**
 * Finds the positions of a file's hunks, in order. For the side `new`, stops at the first hunk that fits nowhere.
 *
 * @param side - `old` to apply them, `new` to check whether they are already applied
 */
export function placeHunks(
  { hunks, path, oldPath }: FileChange,
  text: string,
  side: Side,
  budget: ComparisonBudget,
): PlacedHunks {
  const image = linesOf(text)
  const functions = new Functions(oldPath ?? path, image, hunks, side)
  const results: HunkResult[] = []
  const taken: LineRange[] = []
  let shift = 0
  const placeOf = (at: number): { line: number; function: string | null } => ({
    line: at + 1,
    function: functions.nameAt(at),
  })
  for (const [index, hunk] of hunks.entries()) {
    const wanted = sideOf(hunk, side)
    const found: Placement = placeHunk({ image, functions, hunk, side: wanted, taken, shift, budget })
    const expected = Math.max(0, wanted.stated + shift)
    if (found.kind === 'fits') {
      taken.push({ start: found.at, end: found.at + wanted.lines.length })
      shift = found.at - wanted.stated
      const state = side === 'old' ? 'applied' : 'already-in'
      results.push({ state, hunk: index, place: placeOf(found.at + wanted.firstChange), offset: shift })
    } else if (found.kind === 'elsewhere') {
      const { why, places } = found
      results.push({
        state: 'elsewhere',
        hunk: index,
        why,
        expectedLine: expected + 1,
        places: places.map(placeOf),
      })
    } else {
      const isFirst = !results.some(({ state }) => state === 'conflict')
      const explained = side === 'old' && isFirst
      const difference = explained ? differenceOf(image, hunk, wanted, expected, budget) : null
      results.push({ state: 'conflict', hunk: index, expectedLine: expected + 1, difference, alreadyAt: [] })
      // The new side is searched to find out whether the patch is already applied. After one conflict, the answer is
      // known: it is not.
      if (side === 'new') break
    }
  }
  const fits = results.every(({ state }) => state === 'applied' || state === 'already-in')
  return {
    results,
    fits,
    moved: results.some((result) => 'offset' in result && result.offset !== 0),
  }
}

/** Applies the hunks at the positions that `placeHunks` found for their old side. */
export function applyPlaced(change: FileChange, text: string, results: readonly HunkResult[]): string {
  const hunks = change.hunks.map((hunk, index) => {
    const placed = results[index]
    const offset = placed?.state === 'applied' ? placed.offset : 0
    return { ...hunk, oldStart: hunk.oldStart + offset, lines: [...hunk.lines] }
  })
  hunks.sort((a, b) => a.oldStart - b.oldStart)
  const after = applyStructuredPatch(
    text,
    {
      oldFileName: change.path,
      newFileName: change.path,
      oldHeader: undefined,
      newHeader: undefined,
      hunks,
    },
    { autoConvertLineEndings: false, fuzzFactor: 0 },
  )
  if (after === false) throw new Error(`${change.path}: a hunk does not fit where it was found`)
  return after
}
