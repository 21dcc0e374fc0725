// SPDX-License-Identifier: GPL-2.0-only
import { verdicts, type Recommendation, type Verdict } from '../../recommend/recommend.ts'
import { answered } from './answer.ts'

/** Headings of the figures. */
export function headOf(hasRevealed: boolean): readonly string[] {
  return ['clean', ' new', 'fixed', ...(hasRevealed ? ['shown'] : []), 'left']
}

/** A row of the table: variants with the same figures and reasons. */
export interface Row {
  readonly verdict: Verdict
  readonly names: string
  readonly isStack: boolean
  /** True if the answer is about one of these variants. */
  readonly isAnswer: boolean
  readonly figures: readonly string[]
  readonly reasons: Recommendation['reasons']
  readonly variants: number
}

/** A row with a longer list of names takes no further variants, unless its variants were not judged. */
const sharedNames = 24

function figuresOf({ variant, clean }: Recommendation, hasRevealed: boolean): string[] {
  const { fixed, introduced, revealed, kept, notReached } = variant
  const shown = hasRevealed ? [revealed] : []
  return [clean, introduced, fixed, ...shown, kept + notReached].map(String)
}

/** Merges variants with the same figures and reasons into one row, as long as the list of names is short. */
export function rowsOf(
  all: readonly Recommendation[],
  hasRevealed: boolean,
  name: (id: string) => string,
): Row[] {
  const rows: (Row & { readonly key: string })[] = []
  const answer = answered(all)
  for (const one of all) {
    const { variant, verdict, reasons } = one
    const isStack = variant.patches.length > 1
    const figures = verdict === 'not-judged' ? [] : figuresOf(one, hasRevealed)
    // Variants that were not judged share a row if their shortest reason is the same.
    const shared = verdict === 'not-judged' ? reasons.slice(-1) : reasons
    const key = JSON.stringify([verdict, isStack, figures, shared])
    const at = rows.findIndex(
      (row) => row.key === key && (verdict === 'not-judged' || row.names.length < sharedNames),
    )
    const known = rows[at]
    if (known === undefined)
      rows.push({
        key,
        verdict,
        names: name(variant.id),
        isStack,
        isAnswer: one === answer,
        figures,
        reasons,
        variants: 1,
      })
    else {
      const isSame = JSON.stringify(known.reasons) === JSON.stringify(reasons)
      rows[at] = {
        ...known,
        names: `${known.names}, ${name(variant.id)}`,
        reasons: isSame ? reasons : [reasons.at(-1) ?? reasons[0]],
        variants: known.variants + 1,
      }
    }
  }
  return rows
}

/**
 * Orders rows by importance: the row of the answer, then the single patches, then the stacks. The verdicts take turns,
 * so that each shows its first rows. Stacks to merge are as important as single patches.
 */
export function byImportance(rows: readonly Row[]): Row[] {
  const place = new Map<Row, number>()
  for (const verdict of verdicts) {
    const own = rows.filter((row) => row.verdict === verdict)
    const ordered = verdict === 'merge' ? own : own.toSorted((a, b) => Number(a.isStack) - Number(b.isStack))
    ordered.forEach((row, at) =>
      place.set(row, row.isAnswer ? -1 : at + (row.isStack && verdict !== 'merge' ? 1000 : 0)),
    )
  }
  return rows.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0))
}
