// SPDX-License-Identifier: GPL-2.0-only
import { unpatchedTotal, type Comparison } from '@pfo-workbench/compare'
import type { ReportOptions } from '../options.ts'
import { recommendations, verdicts, type Recommendation, type Verdict } from '../recommend/recommend.ts'
import { assumedFunctions } from '../view/made-with.ts'
import { counted, wrapped } from './lines.ts'
import type { Colors } from './status.ts'
import { gap, tableText } from './tables.ts'

/** What a screen has room for. */
export const screenLines = 45

/** Titles of the groups of variants. */
const titles: Readonly<Record<Verdict, string>> = {
  merge: 'MERGE',
  'not-enough': 'ADDS NO BUG, NOT ENOUGH ALONE',
  'one-new-bug': 'RIGHT IDEA, ONE NEW BUG',
  'do-not-merge': 'DO NOT MERGE ALONE',
  'not-judged': 'NOT JUDGED',
}

/** Title of a verdict; what is best may be several patches. */
export function verdictTitle(verdict: Verdict, isStack: boolean): string {
  return verdict === 'merge' && isStack ? 'MERGE TOGETHER' : titles[verdict]
}

const numbers = 'no one two three four five six seven eight nine ten eleven twelve'.split(' ')

/** Small numbers in words. */
export const inWords = (count: number): string => numbers[count] ?? String(count)

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)

/** What is compared, and how the unpatched kernel does. */
export function headLines({ kernel, variants, scenarios, cells, baseline }: Comparison): string[] {
  const patched = variants.filter(({ id }) => id !== baseline)
  const single = patched.filter(({ patches }) => patches.length === 1).length
  const stacks = patched.length - single
  const what = [
    ...(single > 0 ? [counted(single, 'patch', 'patches')] : []),
    ...(stacks > 0 ? [single > 0 ? `${counted(stacks, 'stack')} of them` : counted(stacks, 'stack')] : []),
    counted(scenarios.length, 'scenario'),
  ]
  const unpatched = cells.filter(({ variant }) => variant === baseline)
  const found = unpatched.reduce((sum, { findings }) => sum + findings.length, 0)
  const clean = unpatched.filter(({ findings }) => findings.length === 0).length
  const ended = (outcome: string): number => unpatched.filter((cell) => cell.outcome === outcome).length
  const ends = [
    ...(ended('oops') > 0 ? [`${String(ended('oops'))} end in an Oops`] : []),
    ...(ended('deadlock') > 0 ? [`${String(ended('deadlock'))} in a deadlock`] : []),
    ...(ended('unmodelled') > 0 ? [`${String(ended('unmodelled'))} cut short`] : []),
  ]
  const cleanText = clean === 0 ? 'no scenario is clean' : `${counted(clean, 'scenario')} clean`
  return [
    `Linux ${kernel}: ${what.join(', ')}`,
    `Unpatched: ${counted(found, 'finding')}; ${[cleanText, ...ends].join(', ')}.`,
  ]
}

/** The variant that the answer speaks of, which is shown whatever else there is no room for. */
function answered(all: readonly Recommendation[]): Recommendation | undefined {
  return all.find(({ verdict }) => verdict === 'merge') ?? all.find(({ verdict }) => verdict === 'not-enough')
}

/** The answer in a sentence. */
export function answer(
  all: readonly Recommendation[],
  scenarios: number,
  name: (id: string) => string,
): string {
  const best = all.filter(({ verdict }) => verdict === 'merge')
  const single = best.filter(({ variant }) => variant.patches.length === 1).map(({ variant }) => variant.id)
  const [first] = best
  const where = scenarios === 1 ? 'in the scenario' : `in all ${String(scenarios)} scenarios`
  if (single.length > 0)
    return `${single.slice(0, 3).join(' or ')} ${single.length > 1 ? 'each leave' : 'leaves'} nothing to report ${where}.`
  if (first !== undefined) {
    const count = first.variant.patches.length
    return `No single patch is enough. ${capital(inWords(count))} together leave nothing to report (${name(first.variant.id)}).`
  }
  const judged = all.filter(({ verdict }) => verdict !== 'not-judged')
  if (judged.length === 0) return 'Nothing is known of these patches: none could be judged.'
  const closest = answered(all)
  if (closest === undefined) {
    const which = judged.length < all.length ? 'None that could be judged' : 'None of them'
    return `${which} should be merged as it is: each adds a bug.`
  }
  const { id, fixed } = closest.variant
  const what = `adds no bug and fixes ${String(fixed)} of ${String(unpatchedTotal(closest.variant))}`
  if (all.length === 1) return `${name(id)} ${what}.`
  return `No variant fixes everything. The closest is ${name(id)}: it ${what}.`
}

/** A row of the table: variants of which the same is to be said. */
interface Row {
  readonly verdict: Verdict
  readonly names: string
  readonly isStack: boolean
  /** Whether the answer speaks of one of them. */
  readonly isAnswer: boolean
  readonly figures: readonly string[]
  readonly reasons: Recommendation['reasons']
  readonly variants: number
}

/** Letters for stacks whose ids are too long for their column. */
export function lettersFor(all: readonly Recommendation[], columns: number): ReadonlyMap<string, string> {
  const long = all.filter(({ variant: { id, patches } }) => patches.length > 1 && id.length > columns)
  return new Map(long.map(({ variant }, index) => [variant.id, letter(index)]))
}

/** A, B, ... Z, AA, AB, ... */
function letter(index: number): string {
  const rest = Math.floor(index / 26)
  return (rest === 0 ? '' : letter(rest - 1)) + String.fromCharCode(65 + (index % 26))
}

/** Longest list of variants of which the same is said. */
const sharedNames = 24

function figuresOf({ variant, clean }: Recommendation, hasRevealed: boolean): string[] {
  const { fixed, introduced, revealed, kept, notReached } = variant
  const shown = hasRevealed ? [revealed] : []
  return [clean, introduced, fixed, ...shown, kept + notReached].map(String)
}

/** Variants of which the same is to be said share a row, as long as their names fit. */
function rowsOf(all: readonly Recommendation[], hasRevealed: boolean, name: (id: string) => string): Row[] {
  const rows: (Row & { readonly key: string })[] = []
  const answer = answered(all)
  for (const one of all) {
    const { variant, verdict, reasons } = one
    const isStack = variant.patches.length > 1
    const figures = verdict === 'not-judged' ? [] : figuresOf(one, hasRevealed)
    const key = JSON.stringify([verdict, isStack, figures, reasons])
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
    else rows[at] = { ...known, names: `${known.names}, ${name(variant.id)}`, variants: known.variants + 1 }
  }
  return rows
}

/** The widths of a table. */
interface Layout {
  readonly name: number
  readonly figures: number
  readonly why: number
}

/** Below so many columns only a reason that takes one line stands beside the figures. */
const narrowWhy = 28

/** The share of a line that names may take. */
const nameShare = 0.29

function nameColumns(columns: number): number {
  return Math.max(16, Math.floor(columns * nameShare))
}

function layoutOf(columns: number, rows: readonly Row[], head: string): Layout {
  const longest = Math.max(
    8,
    ...rows.flatMap(({ names, figures }) => (figures.length === 0 ? [] : [names.length])),
  )
  const name = Math.min(longest, nameColumns(columns))
  return { name, figures: head.length, why: columns - 2 - name - 1 - head.length - gap }
}

/** A name in a column; a list of names is broken between them, a name behind a hyphen. */
function nameLines(names: string, columns: number): string[] {
  const lines = ['']
  for (const part of names.split(/(?<=[-+]|, )/)) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && (line + part).trimEnd().length > columns) lines.push(part)
    else lines[lines.length - 1] = line + part
  }
  return lines.flatMap((line) => wrapped('', line.trimEnd(), columns).split('\n'))
}

/** The longest way to say why that takes so many lines; the shortest, if none does. */
function whyLines(reasons: Recommendation['reasons'], columns: number, most: number): string[] {
  const ways = reasons.map((reason) => wrapped('', reason, Math.max(1, columns)).split('\n'))
  return ways.find((lines) => lines.length <= most) ?? ways.at(-1) ?? []
}

/** A row as short as it can be, or as long as it is worth. */
type Length = 'short' | 'long'

function linesOf(
  row: Row,
  layout: Layout,
  head: readonly string[],
  columns: number,
  length: Length,
): string[] {
  if (row.figures.length === 0) return wrapped('  ', `${row.names}: ${row.reasons[0]}`, columns).split('\n')
  const names = nameLines(row.names, layout.name)
  const shortest = whyLines(row.reasons, layout.why, 1)
  const isWhole = wrapped('', row.reasons[0], Math.max(1, layout.why)).split('\n').length === 1
  const besideWhy =
    layout.why >= narrowWhy && length === 'long'
      ? whyLines(row.reasons, layout.why, 2)
      : shortest.length <= Math.max(1, names.length) && (length === 'short' || isWhole)
        ? shortest
        : []
  const figures = row.figures.map((one, at) => one.padStart(head[at]?.length ?? 0)).join(' ')
  const beside = Array.from({ length: Math.max(names.length, besideWhy.length) }, (_, at) => {
    const name = (names[at] ?? '').padEnd(layout.name)
    return `  ${name} ${(at === 0 ? figures : '').padEnd(layout.figures + gap)}${besideWhy[at] ?? ''}`.trimEnd()
  })
  if (besideWhy.length > 0) return beside
  const most = length === 'short' ? 1 : 2
  return [...beside, ...whyLines(row.reasons, columns - 6, most).map((line) => `      ${line}`)]
}

/** The row of the answer first, then single patches in each group, then what else there is room for. */
function byImportance(rows: readonly Row[]): Row[] {
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

/** The lines of the groups, as many as there is room for, and how many variants are not shown. */
function groupLines(
  rows: readonly Row[],
  linesOf: (row: Row, length: Length) => string[],
  room: number,
  colors: Colors,
): { lines: string[]; shown: Row[]; hidden: number } {
  const shown = new Map<Row, string[]>()
  const groups = new Set<Verdict>()
  let used = 0
  for (const row of byImportance(rows)) {
    const lines = linesOf(row, 'short')
    const height = lines.length + (groups.has(row.verdict) ? 0 : 1)
    if (used + height > room) continue
    used += height
    shown.set(row, lines)
    groups.add(row.verdict)
  }
  for (const row of byImportance(rows)) {
    const [lines, longer] = [shown.get(row), linesOf(row, 'long')]
    if (lines === undefined || used + longer.length - lines.length > room) continue
    used += longer.length - lines.length
    shown.set(row, longer)
  }
  const kept = rows.filter((row) => shown.has(row))
  const text = verdicts.flatMap((verdict) => {
    const own = kept.filter((row) => row.verdict === verdict)
    if (own.length === 0) return []
    const title = verdictTitle(
      verdict,
      own.some(({ isStack }) => isStack),
    )
    const painted = own.flatMap((row) => (shown.get(row) ?? []).map((line) => paintRow(line, row, colors)))
    return [colors.bold(title), ...painted]
  })
  const hidden = rows.filter((row) => !shown.has(row)).reduce((sum, { variants }) => sum + variants, 0)
  return { lines: text, shown: kept, hidden }
}

function paintRow(line: string, { verdict }: Row, colors: Colors): string {
  if (verdict === 'merge') return colors.green(line)
  return verdict === 'do-not-merge' ? colors.red(line) : line
}

/** How a stack is spelled: by another one, if it differs in a patch, or by its patches. */
export function spelled(
  patches: readonly string[],
  others: readonly (readonly [string, readonly string[]])[],
): string {
  for (const [name, other] of others) {
    const [gone, come] = [
      other.filter((id) => !patches.includes(id)),
      patches.filter((id) => !other.includes(id)),
    ]
    if (gone.length === 1 && come.length === 1) return `${name} with ${come.join('')} for ${gone.join('')}`
    if (gone.length === 0 && come.length === 1) return `${name} and ${come.join('')}`
    if (gone.length === 1 && come.length === 0) return `${name} without ${gone.join('')}`
  }
  return patches.join(' ')
}

/** Stacks by their letters, each spelled once. */
function legendLines(
  all: readonly Recommendation[],
  letters: ReadonlyMap<string, string>,
  shown: readonly Row[],
  columns: number,
): string[] {
  const used = new Set(shown.flatMap(({ names }) => names.split(', ')))
  const known: (readonly [string, readonly string[]])[] = []
  return all.flatMap(({ variant: { id, patches } }) => {
    const short = letters.get(id)
    if (short === undefined || !used.has(short)) return []
    const lines = wrapped(`${short} = `, spelled(patches, known), columns).split('\n')
    known.push([short, patches])
    return lines
  })
}

/** The heads of the figures. */
function headOf(hasRevealed: boolean): readonly string[] {
  return ['clean', ' new', 'fixed', ...(hasRevealed ? ['shown'] : []), 'left']
}

/**
 * The answer, then variants by verdict.
 *
 * @param room - how many lines there may be; what does not fit is counted
 */
export function overviewLines(
  comparison: Comparison,
  columns: number,
  colors: Colors,
  room: number,
  bottom: (hidden: number, all: readonly Recommendation[]) => readonly string[] = () => [],
): string[] {
  const all = recommendations(comparison)
  const hasRevealed = all.some(({ variant }) => variant.revealed > 0)
  const head = headOf(hasRevealed)
  const letters = lettersFor(all, nameColumns(columns))
  const name = (id: string): string => letters.get(id) ?? id
  const inText = (id: string): string => (letters.has(id) ? `stack ${name(id)}` : id)
  const rows = rowsOf(all, hasRevealed, name)
  const layout = layoutOf(columns, rows, head.join(' '))
  const filled = (text: string): string[] => wrapped('', text, columns).split('\n')
  const top = [
    ...headLines(comparison).flatMap(filled),
    '',
    ...filled(answer(all, comparison.scenarios.length, inText)).map((line) => colors.bold(line)),
    '',
    `${' '.repeat(layout.name + 3)}${head.join(' ')}`,
  ]
  const note = hasRevealed ? filled('shown: hidden on the unpatched kernel, and no fault of the patch') : []
  const end = (hidden: number): string[] => [...note, ...bottom(hidden, all)]
  // The empty lines above and below the legend count as well.
  const free = room - top.length - end(1).length - 2
  const known = new Map<Row, Partial<Record<Length, string[]>>>(rows.map((row) => [row, {}]))
  const lines = (row: Row, length: Length): string[] => {
    const own = known.get(row) ?? {}
    return (own[length] ??= linesOf(row, layout, head, columns, length))
  }
  // What is spelled depends on what is shown, and the other way round: the second time the legend is known.
  let groups = groupLines(rows, lines, free - leastLegend, colors)
  let legend = legendLines(all, letters, groups.shown, columns)
  for (let round = 0; round < 2; round++) {
    groups = groupLines(rows, lines, free - Math.min(legend.length, mostLegend), colors)
    legend = legendLines(all, letters, groups.shown, columns)
  }
  const left = free - groups.lines.length
  const shownLegend = legend.length > left ? [...legend.slice(0, Math.max(0, left - 1)), '[...]'] : legend
  const below = [
    ...(shownLegend.length > 0 ? ['', ...shownLegend] : []),
    ...(end(groups.hidden).length > 0 ? [''] : []),
  ]
  return [...top, ...groups.lines, ...below, ...end(groups.hidden)]
}

/**
 * All variants on one screen: the answer, then variants by verdict, and what to run next.
 *
 * @param comparison - with printable texts
 * @param columns - how wide lines may be
 */
export function overview(
  comparison: Comparison,
  columns: number,
  colors: Colors,
  { kernelOption }: Pick<ReportOptions, 'kernelOption'> = {},
): string {
  const option = kernelOption === undefined ? '' : ` ${kernelOption}`
  const bottom = (hidden: number, all: readonly Recommendation[]): string[] => [
    ...assumedLines(comparison, columns),
    ...nextLines(hidden, all, columns, option),
  ]
  return [...overviewLines(comparison, columns, colors, screenLines, bottom), ''].join('\n')
}

/** How many lines a legend is given before it is known, and at most. */
const [leastLegend, mostLegend] = [4, 9]

/** The patch that fixes most of those that are not to be merged: the one to be asked about. */
function mostTempting(all: readonly Recommendation[]): Recommendation | undefined {
  return all
    .filter(({ verdict, variant }) => verdict === 'do-not-merge' && variant.patches.length === 1)
    .toSorted((a, b) => b.variant.fixed - a.variant.fixed)[0]
}

/** How many functions of the kernel only pretend; nothing where none does. */
export function assumedLines(comparison: Comparison, columns: number): string[] {
  const { length } = assumedFunctions(comparison)
  if (length === 0) return []
  return wrapped(
    '',
    `${counted(length, 'function')} of the kernel only assumed: --full names them`,
    columns,
  ).split('\n')
}

/** What to run next. */
function nextLines(
  hidden: number,
  all: readonly Recommendation[],
  columns: number,
  option: string,
): string[] {
  const bad = mostTempting(all)?.variant.id
  const more = hidden > 0 ? `${counted(hidden, 'more variant')}, matrix and evidence` : 'Matrix and evidence'
  const rows = [
    [`${more}:`, `pfo compare${option} --full`],
    ...(bad === undefined ? [] : [[`Why is ${bad} bad?`, `pfo explain${option} ${bad}`]]),
    ['As a page:', `pfo compare${option} --format html --output report.html`],
  ]
  const text = tableText([], rows).split('\n')
  const fits = text.every((line) => line.length <= columns)
  return fits
    ? text
    : rows.flatMap(([what = '', command = '']) => wrapped('', `${what} ${command}`, columns).split('\n'))
}
