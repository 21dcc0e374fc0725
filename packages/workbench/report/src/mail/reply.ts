// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison, VariantSummary } from '@pfo-workbench/compare'
import { functionsOf, type CallChain } from '@pfo-workbench/run'
import { counted } from '@pfo-workbench/wording'
import { bugText } from '../recommend/bug-text.ts'
import type { Bug } from '../recommend/bugs.ts'
import { recommend } from '../recommend/recommend.ts'
import { outcomeSentence, verdictSentence } from '../text/one-variant.ts'
import { verdictText } from '../text/overview/verdict-title.ts'
import { frameText } from '../view/chain.ts'
import { attribution, headerOf, mailOf } from './header.ts'
import { quotedHunk } from './hunk.ts'
import { paragraph } from './lines.ts'

/** Number of lines that fit on one screen. A reply with the least detail may be longer. */
const maxLines = 35

/** Formats a call chain like a kernel trace, innermost function first. */
function traceLines(chain: CallChain, most: number): string[] {
  const shown = chain.length > most ? chain.slice(0, most - 1) : chain
  return [
    ...shown.map((frame) => `     ${frameText(frame)}`),
    ...(chain.length > shown.length ? ['     [...]'] : []),
  ]
}

function bugLines(bug: Bug, number: number, cells: Comparison['cells'], frames: number): string[] {
  const text = `${String(number)}. ${bugText(bug, cells)} (${counted(bug.cells.length, 'scenario')})`
  return [...paragraph(text).split('\n'), ...traceLines(bug.finding.evidence[0]?.chain ?? [], frames)]
}

/** Amount of detail: functions per call chain, lines of the hunk, named oracles. */
interface Size {
  readonly frames: number
  readonly hunk: number
  readonly oracles: number
  /** Number of bugs that are described; the others are counted. */
  readonly bugs: number
}

/** The most detailed first. */
const sizes: readonly Size[] = [
  { bugs: 3, frames: 6, hunk: 10, oracles: 5 },
  { bugs: 3, frames: 5, hunk: 8, oracles: 4 },
  { bugs: 3, frames: 4, hunk: 6, oracles: 3 },
  { bugs: 3, frames: 3, hunk: 5, oracles: 3 },
  { bugs: 3, frames: 3, hunk: 4, oracles: 2 },
  { bugs: 3, frames: 3, hunk: 3, oracles: 2 },
  { bugs: 3, frames: 2, hunk: 3, oracles: 1 },
  { bugs: 2, frames: 2, hunk: 2, oracles: 1 },
  { bugs: 1, frames: 2, hunk: 2, oracles: 1 },
]

/** The verdict and the bugs, findings and totals that support it. */
function body(comparison: Comparison, variant: VariantSummary, { bugs, frames, oracles }: Size): string[] {
  const told = recommend(comparison, variant)
  const cells = comparison.cells.filter((cell) => cell.variant === variant.id)
  const rest = told.bugs.length - bugs
  const sums = told.verdict === 'not-judged' ? '' : outcomeSentence(comparison, variant, oracles)
  return [
    ...paragraph(
      `${verdictText(told.verdict, variant.patches.length > 1)}: ${verdictSentence(
        told,
        comparison.scenarios.length,
      )
        .replace(/^It could not be judged: /, '')
        .replace(/^It /, 'it ')}`,
    ).split('\n'),
    '',
    ...told.bugs.slice(0, bugs).flatMap((bug, index) => bugLines(bug, index + 1, cells, frames)),
    ...(rest > 0 ? [`[...] ${counted(rest, 'more bug')}`] : []),
    ...(told.bugs.length > 0 ? [''] : []),
    ...(sums === '' ? [] : [...paragraph(sums).split('\n'), '']),
  ]
}

/**
 * Writes a reply to the mail of a patch. It says what the patch does, with as much detail as fits on one screen.
 *
 * @param comparison - the unpatched kernel and one variant, with printable texts
 * @param footer - how the findings were made and how to reproduce them
 */
export function reply(comparison: Comparison, variant: VariantSummary, footer: readonly string[]): string[] {
  const ways = sizes.map((size) => wholeReply(comparison, variant, footer, size))
  return ways.find((lines) => lines.length <= maxLines) ?? ways.at(-1) ?? []
}

function wholeReply(
  comparison: Comparison,
  variant: VariantSummary,
  footer: readonly string[],
  size: Size,
): string[] {
  const patch = mailOf(variant)
  const { bugs } = recommend(comparison, variant)
  const functions = bugs.flatMap(({ finding }) => finding.evidence.flatMap(({ chain }) => functionsOf(chain)))
  const ran = variant.exercise
    .filter(({ scenarios }) => scenarios.length > 0)
    .map(({ statement }) => statement)
  const said = patch === undefined ? '' : attribution(patch)
  const quote = [
    ...(said === '' ? [] : paragraph(said).split('\n')),
    ...quotedHunk(variant.diffs, functions, size.hunk, ran),
  ]
  const lines = [...(quote.length === 0 ? [] : [...quote, '']), ...body(comparison, variant, size), ...footer]
  const hasOtherLetters = lines.some((line) => /[^ -~]/.test(line))
  return [...(patch === undefined ? [] : [...headerOf(patch, hasOtherLetters), '']), ...lines]
}
