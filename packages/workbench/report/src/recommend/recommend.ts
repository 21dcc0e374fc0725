// SPDX-License-Identifier: GPL-2.0-only
import {
  tally,
  unpatchedTotal,
  variantTotal,
  type Cell,
  type Comparison,
  type VariantSummary,
} from '@pfo-workbench/compare'
import { exerciseText } from '../view/exercise.ts'
import { bugText } from './bug-text.ts'
import { bugsOf, type Bug } from './bugs.ts'

/** What to do with a variant, in the order in which reports tell it. */
export const verdicts = ['merge', 'not-enough', 'one-new-bug', 'do-not-merge', 'not-judged'] as const

/**
 * What to do with a variant:
 *
 * - `merge`: it leaves nothing to report in any scenario
 * - `not-enough`: it adds no bug, and something is left
 * - `one-new-bug`: it adds one
 * - `do-not-merge`: it adds several, or one of which a task dies or hangs where all worked
 * - `not-judged`: it could not be played in all scenarios, or none of its changed lines ran
 */
export type Verdict = (typeof verdicts)[number]

/** The same thing said at length first, then shorter. */
type Reasons = readonly [string, ...string[]]

/** What to do with a variant, and why. */
export interface Recommendation {
  readonly variant: VariantSummary
  readonly verdict: Verdict
  /** In how many scenarios nothing is left to report. */
  readonly clean: number
  /** What it adds, the worst first. */
  readonly bugs: readonly Bug[]
  /** Why, without the numbers of findings: the longest way to say it first, then shorter ones. */
  readonly reasons: Reasons
}

function isClean({ findings, outcome }: Cell): boolean {
  const counts = tally(findings)
  return outcome === 'completed' && variantTotal(counts) === 0 && counts.notReached === 0
}

/** Kinds from the worst on; others follow in the order of the oracles. */
const worst: readonly string[] = [
  'task-killed',
  'waits-forever',
  'touched-after-free',
  'freed-again',
  'counter-fault',
]

function bySeverity({ oracles }: Comparison): (a: Bug, b: Bug) => number {
  const place = ({ kind, finding }: Bug): number => {
    const at = worst.indexOf(kind)
    return at >= 0 ? at : worst.length + oracles.findIndex(({ id }) => id === finding.oracle)
  }
  return (a, b) => place(a) - place(b) || b.cells.length - a.cells.length
}

/** More bugs, places or oracles than these are counted; and fewer, where there is less room. */
const named = [3, 2, 1] as const

function listed(all: readonly string[], most: number, mark: string, more: string): string {
  const rest = all.length - most
  const plural = more === '' || rest === 1 ? more : `${more}s`
  return [...all.slice(0, most), ...(rest > 0 ? [`${String(rest)} more${plural}`] : [])].join(mark)
}

function bugReasons(bugs: readonly Bug[], cells: readonly Cell[]): Reasons {
  const texts = (all: readonly Cell[]): string[] =>
    bugs.map((bug) => `${bugText(bug, all)} (${String(bug.cells.length)})`)
  const [whole, short] = [texts(cells), texts([])]
  return [
    listed(whole, named[0], '; ', ''),
    ...named.slice(1).map((most) => listed(whole, most, '; ', '')),
    listed(short, 1, '; ', ''),
  ]
}

/** What a variant leaves: where, if in few scenarios, or else of which oracles. */
function leftReasons(cells: readonly Cell[]): Reasons {
  const places = cells.filter((cell) => !isClean(cell))
  const counts = new Map<string, number>()
  for (const { findings } of places)
    for (const { status, oracle } of findings)
      if (status !== 'fixed') counts.set(oracle, (counts.get(oracle) ?? 0) + 1)
  const oracles = [...counts].sort(([, a], [, b]) => b - a).map(([oracle]) => oracle)
  const few = places.length <= named[0] && places.length < cells.length
  const all = few ? places.map(({ scenario }) => scenario) : oracles
  const say = (most: number): string => `left: ${listed(all, most, ', ', few ? '' : ' kind')}`
  return [say(named[0]), ...named.slice(1).map(say)]
}

/** Why nothing is known of a variant that was played. */
function idleReasons(variant: VariantSummary): Reasons {
  const why = exerciseText(variant)?.replace(/^not exercised: /, '')
  return why === undefined ? ['changed lines never ran'] : [why, 'changed lines never ran']
}

function cutShortReason(cells: readonly Cell[]): string | null {
  const cut = cells.filter(({ outcome }) => outcome === 'unmodelled' || outcome === 'timeout')
  const [first] = cut
  if (first === undefined) return null
  const why =
    first.unmodelled === undefined ? 'a run took too long' : `${first.unmodelled.function} is not modelled`
  return `${why} (${String(cut.length)})`
}

/**
 * Says what to do with a variant, whatever patches it is of, and why. The numbers of findings decide nothing: what counts are bugs, and
 * whether anything is left.
 */
export function recommend(comparison: Comparison, variant: VariantSummary): Recommendation {
  const cells = comparison.cells.filter((cell) => cell.variant === variant.id)
  const clean = cells.filter(isClean).length
  const bugs = bugsOf(comparison, variant.id).sort(bySeverity(comparison))
  const say = (verdict: Verdict, ...reasons: Reasons): Recommendation => ({
    variant,
    verdict,
    clean,
    bugs,
    reasons,
  })
  if (variant.status !== 'ok')
    return say('not-judged', `${variant.status}: ${variant.reason?.split('\n')[0] ?? ''}`)
  if (!variant.exercised) return say('not-judged', ...idleReasons(variant))
  if (bugs.length > 0) {
    const isOne = bugs.length === 1 && bugs.every(({ breaksWhatWorked }) => !breaksWhatWorked)
    return say(isOne ? 'one-new-bug' : 'do-not-merge', ...bugReasons(bugs, cells))
  }
  const cut = cutShortReason(cells)
  if (cut !== null) return say('not-enough', `cut short: ${cut}`)
  if (clean < comparison.scenarios.length) {
    const nothing = variant.fixed === 0 && variant.revealed === 0
    return nothing ? say('not-enough', 'fixes nothing by itself') : say('not-enough', ...leftReasons(cells))
  }
  return unpatchedTotal(variant) === 0
    ? say('not-enough', 'there was nothing to fix')
    : say('merge', 'leaves nothing')
}

/** What to do with each variant but the unpatched kernel, by verdict and rank. */
export function recommendations(comparison: Comparison): Recommendation[] {
  return comparison.variants
    .filter(({ id }) => id !== comparison.baseline)
    .map((variant) => recommend(comparison, variant))
    .sort(
      (a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) || a.variant.rank - b.variant.rank,
    )
}
