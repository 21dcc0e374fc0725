// SPDX-License-Identifier: GPL-2.0-only
import type { Comparison } from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import { block, code, details, prose, table } from './markdown/escape.ts'
import { defaultCommands, type ReportOptions } from './options.ts'
import { printable, printableData } from './printable.ts'
import { kindLegend, messageText, placeText, evidenceTexts, statusTitles } from './text/similar-findings.ts'
import { sign } from './text/status.ts'
import { changeLines, changesTitle } from './view/changes.ts'
import { leftOutTexts } from './view/left-out.ts'
import { assumedFunctions, madeWith } from './view/made-with.ts'
import { statusOrder, ranked, type CellStatus } from './view/comparison.ts'
import { gridOf, legendOf, scenarioNumber, type GridCell } from './view/grid.ts'
import { interactionsOf } from './view/interactions.ts'
import { similarFindings, type SimilarFindings } from './view/similar-findings.ts'
import { totalColumns } from './view/totals.ts'
import { rankReasonOf } from './view/reasons.ts'
import { toComparisonView, type ComparisonView } from './wording/comparison-view.ts'

function ranking(comparison: ComparisonView): string {
  const totals = totalColumns(comparison.variants)
  const rows = ranked(comparison).map((variant) => {
    const { id, status, rank, kept } = variant
    const isUnpatched = id === comparison.baseline
    const numbers = totals.map(({ head, of }) => {
      if (status !== 'ok') return ''
      if (isUnpatched) return head === 'kept' ? String(kept) : ''
      return head === 'introduced' && of(variant) > 0 ? `**${String(of(variant))}**` : String(of(variant))
    })
    return [
      status === 'ok' ? String(rank) : '',
      code(id),
      ...numbers,
      prose(rankReasonOf(comparison, variant)),
    ]
  })
  const right = '---:'
  const aligns = [right, '---', ...totals.map(() => right), '---']
  return table(['rank', 'variant', ...totals.map(({ head }) => head), 'why'], rows, aligns)
}

const emphasis: Partial<Readonly<Record<CellStatus, string>>> = { introduced: '**', clean: '**' }

/** A lone full stop is hard to see. */
function shownMark(mark: string): string {
  return mark === '.' ? '·' : mark
}

function cellText({ status, mark, cell }: GridCell): string {
  const strong = emphasis[status] ?? ''
  const ended = cell === undefined || cell.outcome === 'completed' ? '' : ` ${cell.outcome}`
  return `${strong}${shownMark(mark)}${strong}${ended}`
}

function matrix(comparison: ComparisonView): string {
  const rows = gridOf(comparison)
  const head = ['variant', ...comparison.scenarios.map((_, index) => scenarioNumber(index))]
  const body = rows.map(({ variant, cells }) => [code(variant.id), ...cells.map(cellText)])
  const aligns = ['---', ...comparison.scenarios.map(() => ':---:')]
  const marks = legendOf(rows).map(({ mark, meaning }) => `${shownMark(mark)} ${meaning}`)
  const scenarios = comparison.scenarios.map(({ id, title }, index) => [
    scenarioNumber(index),
    code(id),
    prose(title),
  ])
  return [
    table(head, body, aligns),
    `${marks.join('; ')}. ${code(comparison.baseline)}: number of findings.`,
    details('Scenarios', table(['', 'scenario', 'what happens'], scenarios, [])),
  ].join('\n\n')
}

/** The full reasons of variants that could not be judged. */
function reasons(comparison: ComparisonView): string[] {
  return comparison.variants.flatMap(({ id, status, reason }) =>
    reason === undefined ? [] : [`${code(id)}: ${status}\n\n${block(reason.split('\n'))}`],
  )
}

function interactions(comparison: ComparisonView): string {
  const kinds = interactionsOf(comparison).map(({ kind, meaning, told }) => {
    const lines = told.map(({ variant, message }) => `- ${code(variant)}: ${prose(message)}`)
    return `**${kind}**: ${meaning}\n\n${lines.join('\n')}`
  })
  return kinds.length === 0 ? '' : ['## Interactions between patches', ...kinds].join('\n\n')
}

function changes(comparison: ComparisonView): string {
  const lines = changeLines(comparison, (id) => id)
  return lines.length === 0 ? '' : details(changesTitle, block(lines))
}

/** Number of subjects that are named; the others are counted. */
const shownSubjects = 6

function finding(kind: SimilarFindings): string {
  const name = (id: string): string => id
  const places = kind.places.map((place) => `- ${code(`${sign[place.status]} ${placeText(place, name)}`)}`)
  const more = kind.subjects.length - shownSubjects
  return [
    `**${kind.oracle}** ${kind.subjects.slice(0, shownSubjects).map(code).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`,
    prose(messageText(kind, name)),
    ...evidenceTexts(kind).map((line) => block([line])),
    places.join('\n'),
  ].join('\n\n')
}

/** Size limit of a GitHub comment in bytes, with some room for the markup that GitHub adds. */
const maxBytes = 65_000

const bytesOf = (text: string): number => Buffer.byteLength(text)

/** Replaces the findings that exceed the limit. */
const leftOut = (count: number): string =>
  `[...] ${counted(count, 'more kind')} of findings; \`--format html\` has all.`

/** Lists as many findings as fit. Introduced findings are open, the others collapsed. */
function findings(comparison: ComparisonView, room: number): string[] {
  const kinds = similarFindings(comparison)
  let free = room - 1_000
  const sections = statusOrder.flatMap((status) => {
    const own = kinds.filter((kind) => kind.status === status)
    if (own.length === 0) return []
    const texts: string[] = []
    for (const text of own.map(finding)) {
      free -= bytesOf(text) + 2
      if (free < 0) break
      texts.push(text)
    }
    const rest = own.length - texts.length
    const body = [...texts, ...(rest > 0 ? [leftOut(rest)] : [])].join('\n\n')
    const title = `${statusTitles[status]} (${String(own.reduce((sum, { subjects }) => sum + subjects.length, 0))})`
    return status === 'introduced' ? [`## ${title}`, body] : [details(title, body)]
  })
  return sections.length === 0 ? [] : [`${kindLegend}.`, ...sections]
}

/** Shortens a text that exceeds `maxBytes`: drops whole lines at its end, and says that the rest is left out. */
function cut(text: string): string {
  if (bytesOf(text) <= maxBytes) return text
  const shown = Buffer.from(text)
    .subarray(0, maxBytes - 200)
    .toString('utf8')
  return `${shown.slice(0, shown.lastIndexOf('\n'))}\n\n[...] The rest is left out; \`--format html\` has all.\n`
}

/** Says how the kernel was compiled, which of its functions are assumed, and which scenarios were left out. */
function basis(comparison: ComparisonView): string {
  const compiled = madeWith(comparison)
  const assumed = assumedFunctions(comparison)
  return [
    ...(compiled === null ? [] : [`Compiled: ${code(compiled)}`]),
    ...(assumed.length === 0
      ? []
      : [
          `Assumed: ${assumed.map(code).join(', ')}; these functions were called; they return a fixed value and do nothing else.`,
        ]),
    ...leftOutTexts(comparison).map(code),
  ].join('\n\n')
}

/**
 * Writes the comparison in GitHub-flavoured Markdown. Texts from patches are in code spans and code blocks, so that
 * they cannot contain markup, links or mentions.
 *
 * @param comparison - the comparison to show
 * @param options - `commands`
 */
export function toMarkdown(comparison: Comparison, options: ReportOptions = {}): string {
  const shown = printableData(toComparisonView(comparison))
  const { kernel, variants, scenarios } = shown
  const head = [
    `# Linux ${kernel}: ${counted(variants.length, 'variant')}, ${counted(scenarios.length, 'scenario')}`,
    ranking(shown),
    ...reasons(shown),
    '## Variants and scenarios',
    matrix(shown),
    basis(shown),
    interactions(shown),
    changes(shown),
  ]
  const foot = [
    '## How to reproduce',
    block(['npm ci', ...(options.commands ?? defaultCommands).map(printable)], 'sh'),
  ]
  const join = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n')
  const room = maxBytes - bytesOf(join([...head, ...foot]))
  return cut(`${join([...head, ...findings(shown, room), ...foot])}\n`)
}
