// SPDX-License-Identifier: GPL-2.0-only
import {
  tally,
  unpatchedTotal,
  variantTotal,
  type Cell,
  type Comparison,
  type VariantSummary,
} from '@pfo-workbench/compare'
import { counted } from '@pfo-workbench/wording'
import type { ReportOptions } from '../options.ts'
import { bugText } from '../recommend/bug-text.ts'
import type { Bug } from '../recommend/bugs.ts'
import { recommend, type Recommendation } from '../recommend/recommend.ts'
import { wrapped } from './lines.ts'
import { neverRan } from '../view/exercise.ts'
import { unexercisedLines } from './unexercised.ts'
import { limitLines } from './limits.ts'
import { commandLines, explainCommand } from './overview/next-commands.ts'
import { screenLines } from './overview/overview.ts'
import { verdictTitle } from './overview/verdict-title.ts'
import { reasonLines } from './reason.ts'
import type { Colors } from './status.ts'
import { gap } from './tables.ts'

/** If there are more scenarios, one fewer is named and the others are counted. */
const namedScenarios = 3

function scenariosText(cells: readonly Cell[]): string {
  const ids = cells.map(({ scenario }) => scenario)
  if (ids.length <= namedScenarios) return ids.join(', ')
  return `${ids.slice(0, namedScenarios - 1).join(', ')} and ${String(ids.length - namedScenarios + 1)} more`
}

function cleanText(clean: number, scenarios: number): string {
  if (clean === 0) return 'no scenario is clean'
  return `${String(clean)} of ${String(scenarios)} scenarios ${clean === 1 ? 'is' : 'are'} clean`
}

/** States in one sentence what a variant fixes and adds. */
export function verdictSentence(
  { verdict, bugs, variant, clean, reasons, cutShort }: Recommendation,
  scenarios: number,
): string {
  const { fixed } = variant
  const all = unpatchedTotal(variant)
  const fixes = fixed === 0 ? 'It fixes nothing' : `It fixes ${String(fixed)} of ${counted(all, 'finding')}`
  switch (verdict) {
    case 'merge':
      return `${fixes}, adds none, and leaves none in any of ${counted(scenarios, 'scenario')}.`
    case 'not-enough':
      return `${fixes} and adds no bug; ${cleanText(clean, scenarios)}${cutShort === null ? '' : ` (cut short: ${cutShort})`}.`
    case 'one-new-bug':
      return `${fixes}, and adds one bug.`
    case 'do-not-merge':
      return `${fixes}, and adds ${bugs.length === 1 ? 'a bug that kills or hangs a task in a scenario that worked' : counted(bugs.length, 'bug')}.`
    case 'not-judged':
      if (variant.status === 'ok' && variant.exercise.length === 0)
        return 'No statement changes: only types, data, comments or deleted functions differ.'
      return `It could not be judged: ${reasons[0].replace(/\.$/, '')}.`
  }
}

/** Number of bugs that are described; the others are counted. */
const describedBugs = 8

function bugLines(bugs: readonly Bug[], cells: readonly Cell[], columns: number, colors: Colors): string[] {
  const rest = bugs.length - describedBugs
  const lines = bugs.slice(0, describedBugs).flatMap((bug) => {
    const { oracle } = bug.finding
    const head = `  ${oracle.padEnd(15)} `
    return wrapped(head, `${bugText(bug, cells)} (${scenariosText(bug.cells)})`, columns)
      .split('\n')
      .map((line) => colors.red(line))
  })
  return rest > 0 ? [...lines, colors.red(`  ${counted(rest, 'more bug')}`)] : lines
}

/** Number of oracles that are named; the others are summed up. */
const namedOracles = 5

/** Counts the findings with one of these statuses by oracle, in descending order: `leak 182, refcount 2`. */
function oraclesOf(cells: readonly Cell[], statuses: readonly string[], most: number = namedOracles): string {
  const counts = new Map<string, number>()
  for (const { findings } of cells)
    for (const { status, oracle } of findings)
      if (statuses.includes(status)) counts.set(oracle, (counts.get(oracle) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  const rest = sorted.slice(most).reduce((sum, [, count]) => sum + count, 0)
  const named = sorted.slice(0, most).map(([oracle, count]) => `${oracle} ${String(count)}`)
  return [...named, ...(rest > 0 ? [`others ${String(rest)}`] : [])].join(', ')
}

/** Lists what a variant fixes, leaves and reveals, by oracle. */
export function outcomeSentence(comparison: Comparison, variant: VariantSummary, most: number): string {
  const cells = comparison.cells.filter((cell) => cell.variant === variant.id)
  const { fixed, kept, notReached, revealed } = variant
  const parts = [
    ...(fixed === 0 ? [] : [`Fixed: ${oraclesOf(cells, ['fixed'], most)}.`]),
    ...(kept + notReached === 0 ? [] : [`Left: ${oraclesOf(cells, ['kept', 'not-reached'], most)}.`]),
    ...(revealed === 0
      ? []
      : [`Revealed, hidden on the unpatched kernel: ${oraclesOf(cells, ['revealed'], most)}.`]),
  ]
  return parts.join(' ')
}

const ends: Readonly<Record<Cell['outcome'], string>> = {
  completed: '',
  oops: 'O',
  deadlock: 'D',
  timeout: 'T',
  unmodelled: 'U',
}

/** Formats a cell: `30 +6 -13` means 30 findings on the unpatched kernel, 6 introduced, 13 fixed. */
function cellText(cell: Cell | undefined, unpatched: Cell | undefined): string {
  const before =
    unpatched === undefined ? '?' : `${String(unpatched.findings.length)}${ends[unpatched.outcome]}`
  if (cell === undefined) return `${before} x`
  const counts = tally(cell.findings)
  const { introduced, revealed, fixed } = counts
  const end =
    cell.outcome === unpatched?.outcome
      ? ''
      : ` ${ends[cell.outcome] === '' ? 'completes' : ends[cell.outcome]}`
  if (variantTotal(counts) === 0 && counts.notReached === 0) return `${before} ok${end}`
  const parts = [
    ...(introduced > 0 ? [`+${String(introduced)}`] : []),
    ...(revealed > 0 ? [`^${String(revealed)}`] : []),
    ...(fixed > 0 ? [`-${String(fixed)}`] : []),
  ]
  return `${before} ${parts.length === 0 ? '=' : parts.join(' ')}${end}`
}

/**
 * Lists the scenarios in columns. Scenarios without a difference are only named. If the list has more than `room`
 * lines, cuts it, but not below two lines.
 */
function strip(comparison: Comparison, variant: string, columns: number, room: number): string[] {
  const cells = new Map(comparison.cells.map((cell) => [`${cell.variant} ${cell.scenario}`, cell]))
  const rows = comparison.scenarios.map(({ id }) => ({
    id,
    text: cellText(cells.get(`${variant} ${id}`), cells.get(`${comparison.baseline} ${id}`)),
  }))
  const same = rows.filter(({ text }) => text.endsWith('='))
  const others = rows.filter((row) => !same.includes(row))
  const names = Math.max(0, ...others.map(({ id }) => id.length))
  const texts = others.map(({ id, text }) => `  ${id.padEnd(names)}  ${text}`)
  const width = Math.max(0, ...texts.map((text) => text.length))
  const across = Math.max(1, Math.floor((columns + gap) / (width + gap)))
  const down = Math.ceil(texts.length / across)
  const lines = Array.from({ length: down }, (_, row) =>
    Array.from({ length: across }, (_unused, column) => (texts[column * down + row] ?? '').padEnd(width))
      .join(' '.repeat(gap))
      .trimEnd(),
  )
  const sameLines =
    same.length === 0
      ? []
      : wrapped('  as before: ', same.map(({ id }) => id).join(', '), columns).split('\n')
  const free = Math.max(2, room - sameLines.length)
  const cut = lines.length > free ? [...lines.slice(0, free - 1), '  [...]'] : lines
  return [...cut.flatMap((line) => wrapped('', line, columns).split('\n')), ...sameLines]
}

const legend = 'unpatched, then: ok clean, +N new, ^N revealed, -N fixed; O Oops, D deadlock'

/** Number of statements that are named if no statement of the variant ran. */
const namedStatements = 5

/** Lists the statements that never ran. Nothing else is known about the variant. */
function idleScreen(variant: VariantSummary, columns: number): string[] {
  const lines = unexercisedLines(variant, columns)
  const more = lines.length - namedStatements
  return more > 0 ? [...lines.slice(0, namedStatements), `  and ${String(more)} more`] : lines
}

/**
 * The screen for a single variant.
 *
 * @param comparison - the unpatched kernel and one variant, with printable texts
 * @param columns - maximum width
 */
export function oneVariant(
  comparison: Comparison,
  columns: number,
  colors: Colors,
  options: ReportOptions = {},
): string {
  const variant = comparison.variants.find(({ id }) => id !== comparison.baseline)
  if (variant === undefined) return ''
  const { scenarios, kernel } = comparison
  const told = recommend(comparison, variant)
  const cells = comparison.cells.filter((cell) => cell.variant === variant.id)
  const title = verdictTitle(told.verdict, variant.patches.length > 1)
  const against = `${counted(scenarios.length, 'scenario')} against Linux ${kernel}`
  const space = columns - against.length - title.length
  const { fixed, introduced, revealed, kept, notReached, changes, reason } = variant
  const left = kept + notReached
  const lines = (head: string, text: string): string[] =>
    text === '' ? [] : wrapped(head, text, columns).split('\n')
  const isPlayed = cells.length > 0
  const head = [
    ...wrapped(`${variant.id}  `, `"${variant.title}"`, columns).split('\n').slice(0, 3),
    ...(space > 2 ? [`${against}${' '.repeat(space)}${colors.bold(title)}`] : [against, colors.bold(title)]),
    '',
    // The full reason follows below.
    ...lines(
      '',
      !isPlayed ? `It could not be judged: ${variant.status}.` : verdictSentence(told, scenarios.length),
    ),
    '',
  ]
  const next = [
    '',
    ...(isPlayed ? limitLines(comparison, columns) : []),
    ...commandLines(
      [
        ...(told.bugs.length === 0 ? [] : [['Evidence:', explainCommand(variant.id, options)] as const]),
        ...(isPlayed ? [['Everything:', 'the same command with --full'] as const] : []),
      ],
      columns,
    ),
    ...(isPlayed ? [''] : []),
  ]
  if (!isPlayed) return [...head, ...reasonLines(reason ?? '', columns), ...next].join('\n')
  if (!variant.exercised) return [...head, ...idleScreen(variant, columns), ...next].join('\n')
  const of = `of ${String(unpatchedTotal(variant))}`
  const idle = neverRan(variant).length
  const cut = notReached > 0 ? `; ${String(notReached)} of them not reached` : ''
  const body = [
    ...(introduced > 0
      ? [colors.bold(`NEW  ${counted(introduced, 'finding')} of ${counted(told.bugs.length, 'bug')}`)]
      : []),
    ...bugLines(told.bugs, cells, columns, colors),
    ...lines('FIXED     ', fixed === 0 ? '' : `${String(fixed)} ${of}: ${oraclesOf(cells, ['fixed'])}`),
    ...lines(
      'LEFT      ',
      left === 0 ? '' : `${String(left)} ${of}: ${oraclesOf(cells, ['kept', 'not-reached'])}${cut}`,
    ),
    ...lines(
      'REVEALED  ',
      revealed === 0
        ? ''
        : `${String(revealed)} that the unpatched kernel has but hides: ${oraclesOf(cells, ['revealed'])}`,
    ),
    ...lines(
      'CHANGES   ',
      changes === 0
        ? ''
        : `${counted(changes, 'difference')} that a user could see and that no oracle reports`,
    ),
    ...lines(
      'NOT RUN   ',
      idle === 0 ? '' : `${String(idle)} of ${counted(variant.exercise.length, 'changed statement')}`,
    ),
    '',
  ]
  const legendLines = lines('  ', legend)
  const room = screenLines - head.length - body.length - legendLines.length - next.length
  return [...head, ...body, ...strip(comparison, variant.id, columns, room), ...legendLines, ...next].join(
    '\n',
  )
}
