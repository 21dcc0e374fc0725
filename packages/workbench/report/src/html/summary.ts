// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { printable } from '../printable.ts'
import { recommendations, verdicts, type Recommendation } from '../recommend/recommend.ts'
import { answer, headLines, inWords } from '../text/overview/answer.ts'
import { lettersFor, stackText } from '../text/overview/stack-letters.ts'
import { verdictText } from '../text/overview/verdict-title.ts'
import type { GridRow } from '../view/grid.ts'

/** A variant's row of the matrix. */
export interface SummaryRow {
  /** The id; for a stack with a long id, its letter and number of patches. */
  readonly name: string
  readonly grid: GridRow
  readonly reason: string
  readonly recommendation: Recommendation | null
}

/** Variants with the same verdict. */
export interface RowGroup {
  readonly title: string
  readonly rows: readonly SummaryRow[]
}

/** Content of the first screen: the answer, and the variants by verdict. */
export interface Summary {
  readonly answer: string
  readonly played: readonly string[]
  readonly groups: readonly RowGroup[]
  /** The stacks that have letters: letter and patches. */
  readonly stacks: readonly { readonly name: string; readonly spelled: string }[]
}

/** Stacks with longer ids get letters. */
const longestName = 44

/**
 * Collects the content of the first screen.
 *
 * @param rows - rows of the same comparison, with printable texts
 */
export function summaryOf(comparison: Comparison, rows: readonly GridRow[]): Summary {
  const all = recommendations(comparison)
  const letters = lettersFor(all, longestName)
  const nameOf = (id: string): string => letters.get(id) ?? id
  // The texts of `rows` are printable, those of `comparison` are not.
  const gridOf = new Map(rows.map((row) => [row.variant.id, row]))
  const rowOf = (one: Recommendation): SummaryRow[] => {
    const { id, patches } = one.variant
    const grid = gridOf.get(printable(id))
    const letter = letters.get(id)
    const name = letter === undefined ? id : `Stack ${letter}: ${inWords(patches.length)} patches`
    const reason = printable(one.reasons[0])
    return grid === undefined ? [] : [{ name: printable(name), grid, reason, recommendation: one }]
  }
  const groups = verdicts.flatMap((verdict): RowGroup[] => {
    const own = all.filter((one) => one.verdict === verdict)
    const isStack = own.some(({ variant }) => variant.patches.length > 1)
    return own.length === 0 ? [] : [{ title: verdictText(verdict, isStack), rows: own.flatMap(rowOf) }]
  })
  const unpatched = gridOf.get(comparison.baseline)
  const reference =
    unpatched === undefined
      ? []
      : [
          {
            title: 'For comparison',
            rows: [{ name: 'unpatched', grid: unpatched, reason: '', recommendation: null }],
          },
        ]
  const known: (readonly [string, readonly string[]])[] = []
  const stacks = all.flatMap(({ variant: { id, patches } }) => {
    const letter = letters.get(id)
    if (letter === undefined) return []
    const text = printable(stackText(patches, known))
    known.push([letter, patches])
    return [{ name: letter, spelled: text }]
  })
  const inText = (id: string): string => (letters.has(id) ? `stack ${nameOf(id)}` : id)
  return {
    answer: printable(answer(all, comparison.scenarios.length, inText)),
    played: headLines(comparison).map(printable),
    groups: [...groups, ...reference],
    stacks,
  }
}
