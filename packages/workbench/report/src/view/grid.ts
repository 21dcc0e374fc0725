// SPDX-License-Identifier: GPL-2.0-only
import { tally, type VariantSummary } from '@pfo-workbench/compare'
import { cellFinder, ranked, cellStatusOf, type CellStatus } from './comparison.ts'
import type { CellView, ComparisonView } from '../wording/comparison-view.ts'

/** One variant's row of the matrix. */
export interface GridRow {
  readonly variant: VariantSummary
  readonly cells: readonly GridCell[]
}

export interface GridCell {
  readonly scenario: string
  /** Undefined if the variant was not played. */
  readonly cell: CellView | undefined
  readonly status: CellStatus
  /** The status in a few characters. */
  readonly mark: string
  /** The letter of the outcome; empty if the run completed. */
  readonly end: string
}

/** The letter of each outcome other than `completed`. */
const ends: Readonly<Record<CellView['outcome'], string>> = {
  completed: '',
  deadlock: 'D',
  oops: 'O',
  timeout: 'T',
  unmodelled: 'U',
}

function markOf(status: CellStatus, cell: CellView | undefined): string {
  const { introduced, fixed, kept, revealed, notReached } = tally(cell?.findings ?? [])
  const marks: Readonly<Record<CellStatus, string>> = {
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
  return marks[status]
}

/** The matrix: one row per variant, the best first, with a status per cell. */
export function gridOf(comparison: ComparisonView): GridRow[] {
  const find = cellFinder(comparison)
  return ranked(comparison).map((variant) => ({
    variant,
    cells: comparison.scenarios.map(({ id }) => {
      const cell = find(variant.id, id)
      const status = cellStatusOf(comparison, variant, cell)
      const end = cell === undefined ? '' : ends[cell.outcome]
      return { scenario: id, cell, status, mark: markOf(status, cell), end }
    }),
  }))
}

/** The meaning of a mark. */
export interface LegendEntry {
  readonly status: CellStatus
  /** N stands for a number. */
  readonly mark: string
  readonly meaning: string
}

/** The unpatched kernel has no entry: its marks are numbers of findings. */
const legend: readonly LegendEntry[] = [
  { status: 'introduced', mark: '+N', meaning: 'introduces N findings' },
  { status: 'clean', mark: 'ok', meaning: 'fixes all' },
  { status: 'fixed', mark: '-N', meaning: 'fixes N, leaves some' },
  { status: 'revealed', mark: '^N', meaning: 'reveals N that the unpatched kernel hides' },
  { status: 'not-reached', mark: '/N', meaning: 'ends before N of the unpatched kernel' },
  { status: 'changed', mark: '*N', meaning: 'the same findings, N changes' },
  { status: 'kept', mark: '=', meaning: 'the same findings, no change' },
  { status: 'quiet', mark: '.', meaning: 'nothing to find' },
  { status: 'unexercised', mark: '?', meaning: 'none of its changed statements ran in any scenario' },
  { status: 'unplayed', mark: 'x', meaning: 'not played' },
]

/** The legend entries for the marks that occur. */
export function legendOf(rows: readonly GridRow[]): LegendEntry[] {
  const used = new Set(rows.flatMap(({ cells }) => cells.map(({ status }) => status)))
  return legend.filter(({ status }) => used.has(status))
}

/** Explains the letters that occur. */
function endsOf(rows: readonly GridRow[]): string[] {
  const used = new Set(rows.flatMap(({ cells }) => cells.map(({ end }) => end)))
  return Object.entries(ends).flatMap(([outcome, letter]) =>
    letter !== '' && used.has(letter) ? [`${letter} ends in ${outcome}`] : [],
  )
}

/** Explains the marks and letters of a matrix in plain text. */
export function legendText(rows: readonly GridRow[]): string {
  const marks = legendOf(rows).map(({ mark, meaning }) => `${mark} ${meaning}`)
  return [...marks, ...endsOf(rows)].join('; ')
}

/** Short names of scenarios for narrow columns: S1, S2. */
export function scenarioNumber(index: number): string {
  return `S${String(index + 1)}`
}
