// SPDX-License-Identifier: GPL-2.0-only
import { tally, type VariantSummary } from '@pfo-workbench/compare'
import { cellFinder, ranked, verdictOf, type Verdict } from './comparison.ts'
import type { ToldCell, ToldComparison } from '../wording/told.ts'

/** One variant's row of the matrix. */
export interface GridRow {
  readonly variant: VariantSummary
  readonly cells: readonly GridCell[]
}

export interface GridCell {
  readonly scenario: string
  /** Undefined where the variant was not played. */
  readonly cell: ToldCell | undefined
  readonly verdict: Verdict
  /** The verdict in a few characters. */
  readonly mark: string
  /** How the run ended, in a letter; nothing if it came to its end. */
  readonly end: string
}

/** Letters for the outcomes that cut a run short. */
const ends: Readonly<Record<ToldCell['outcome'], string>> = {
  completed: '',
  deadlock: 'D',
  oops: 'O',
  timeout: 'T',
  unmodelled: 'U',
}

function markOf(verdict: Verdict, cell: ToldCell | undefined): string {
  const { introduced, fixed, kept, revealed, notReached } = tally(cell?.findings ?? [])
  const marks: Readonly<Record<Verdict, string>> = {
    introduced: `+${String(introduced)}`,
    clean: 'ok',
    fixed: `-${String(fixed)}`,
    revealed: `^${String(revealed)}`,
    'not-reached': `/${String(notReached)}`,
    changed: `*${String(cell?.changes.length ?? 0)}`,
    kept: '=',
    quiet: '.',
    unexercised: '?',
    unplayed: 'x',
    reference: kept === 0 ? '.' : String(kept),
  }
  return marks[verdict]
}

/** The matrix with a row for each variant, the best first, and what each cell says at a glance. */
export function gridOf(comparison: ToldComparison): GridRow[] {
  const find = cellFinder(comparison)
  return ranked(comparison).map((variant) => ({
    variant,
    cells: comparison.scenarios.map(({ id }) => {
      const cell = find(variant.id, id)
      const verdict = verdictOf(comparison, variant, cell)
      const end = cell === undefined ? '' : ends[cell.outcome]
      return { scenario: id, cell, verdict, mark: markOf(verdict, cell), end }
    }),
  }))
}

/** What a mark means. */
export interface LegendEntry {
  readonly verdict: Verdict
  /** With N for a number. */
  readonly mark: string
  readonly meaning: string
}

/** Without the unpatched kernel's marks: they are the numbers of its findings. */
const legend: readonly LegendEntry[] = [
  { verdict: 'introduced', mark: '+N', meaning: 'introduces N findings' },
  { verdict: 'clean', mark: 'ok', meaning: 'fixes all' },
  { verdict: 'fixed', mark: '-N', meaning: 'fixes N, leaves some' },
  { verdict: 'revealed', mark: '^N', meaning: 'reveals N that the unpatched kernel hides' },
  { verdict: 'not-reached', mark: '/N', meaning: 'ends before N of the unpatched kernel' },
  { verdict: 'changed', mark: '*N', meaning: 'the same findings, N changes' },
  { verdict: 'kept', mark: '=', meaning: 'the same findings, no change' },
  { verdict: 'quiet', mark: '.', meaning: 'nothing to find' },
  { verdict: 'unexercised', mark: '?', meaning: 'none of its changed lines ran in any scenario' },
  { verdict: 'unplayed', mark: 'x', meaning: 'not played' },
]

/** The entries of the legend that a grid needs. */
export function legendOf(rows: readonly GridRow[]): LegendEntry[] {
  const used = new Set(rows.flatMap(({ cells }) => cells.map(({ verdict }) => verdict)))
  return legend.filter(({ verdict }) => used.has(verdict))
}

/** What the letters mean that a grid has. */
function endsOf(rows: readonly GridRow[]): string[] {
  const used = new Set(rows.flatMap(({ cells }) => cells.map(({ end }) => end)))
  return Object.entries(ends).flatMap(([outcome, letter]) =>
    letter !== '' && used.has(letter) ? [`${letter} ends in ${outcome}`] : [],
  )
}

/** What the marks and letters of a grid mean, for plain text. */
export function legendText(rows: readonly GridRow[]): string {
  const marks = legendOf(rows).map(({ mark, meaning }) => `${mark} ${meaning}`)
  return [...marks, ...endsOf(rows)].join('; ')
}

/** Short names of scenarios for the heads of narrow columns: S1, S2. */
export function scenarioNumber(index: number): string {
  return `S${String(index + 1)}`
}
