// SPDX-License-Identifier: GPL-2.0-only
import { countLeft, type Comparison, type FoundStack } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import { printable, printableData } from '../printable.ts'
import { recommendations } from '../recommend/recommend.ts'
import { verdictWords } from './overview/verdict-title.ts'

/** Share of a line that a name may take. */
const nameShare = 0.45

/** Truncates a long text with dots. */
function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 3))}...`
}

/**
 * Reports the result of one variant in a line, while others are still running.
 *
 * @param part - the comparison of this variant with the unpatched kernel
 */
export function toPlayedLine(part: Comparison, columns: number): string {
  const [told] = recommendations(printableData(part))
  if (told === undefined) return ''
  const { variant, verdict, reasons } = told
  const name = cut(variant.id, Math.floor(columns * nameShare))
  const head = `${name}: ${verdictWords(verdict, variant.patches.length > 1)}`
  const whole = reasons.map((reason) => `${head}; ${reason}`).find(({ length }) => length <= columns)
  return cut(whole ?? head, columns)
}

/** Reports in a line what a stack leaves, while the search continues. */
export function toTriedLine({ patches, left }: FoundStack, columns: number): string {
  const amount = countLeft(left)
  const who = counted(patches.length, 'patch leaves', 'patches leave')
  const what = amount === 0 ? 'nothing' : counted(amount, 'finding')
  return cut(printable(`${who} ${what}: ${patches.join(' + ')}`), columns)
}
