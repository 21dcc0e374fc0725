// SPDX-License-Identifier: GPL-2.0-only
import type { Verdict } from '../../recommend/recommend.ts'

/** Headings of the groups of variants. */
const titles: Readonly<Record<Verdict, string>> = {
  merge: 'MERGE',
  'not-enough': 'ADDS NO BUG, NOT ENOUGH ALONE',
  'one-new-bug': 'RIGHT IDEA, ONE NEW BUG',
  'do-not-merge': 'DO NOT MERGE ALONE',
  'not-judged': 'NOT JUDGED',
}

/** Heading of a verdict. `isStack` matters for `merge` only. */
export function verdictTitle(verdict: Verdict, isStack: boolean): string {
  return verdict === 'merge' && isStack ? 'MERGE TOGETHER' : titles[verdict]
}

/** The heading as the start of a sentence: `Do not merge alone`. */
export function verdictText(verdict: Verdict, isStack: boolean): string {
  const title = verdictTitle(verdict, isStack)
  return title.slice(0, 1) + title.slice(1).toLowerCase()
}

/** The heading within a sentence: `do not merge alone`. */
export const verdictWords = (verdict: Verdict, isStack: boolean): string =>
  verdictTitle(verdict, isStack).toLowerCase()
