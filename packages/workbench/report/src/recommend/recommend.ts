// SPDX-License-Identifier: GPL-2.0-only
import {
  tally,
  unpatchedTotal,
  variantTotal,
  type Cell,
  type Comparison,
  type FindingStatus,
  type VariantSummary,
} from '@pfo-workbench/compare'
import { exerciseText } from '../view/exercise.ts'
import { whyUnmodelled } from '../wording/cut-short.ts'
import { bugText } from './bug-text.ts'
import { bugsOf, type Bug } from './bugs.ts'

/** All verdicts, in the order in which reports list them. */
export const verdicts = ['merge', 'not-enough', 'one-new-bug', 'do-not-merge', 'not-judged'] as const

/**
 * Verdict on a variant:
 *
 * - `merge`: fixes all findings of the unpatched kernel, and no scenario has anything left to report
 * - `not-enough`: adds no bug, but leaves findings, or some runs were cut short, or there was nothing to fix
 * - `one-new-bug`: adds one bug
 * - `do-not-merge`: adds several bugs, or one bug that kills or hangs a task in a scenario that worked
 * - `not-judged`: could not be applied, built or played, or none of its changed lines ran
 */
export type Verdict = (typeof verdicts)[number]

/** Wordings of the same reason, from long to short. */
type Reasons = readonly [string, ...string[]]

/** The verdict on a variant, with reasons. */
export interface Recommendation {
  readonly variant: VariantSummary
  readonly verdict: Verdict
  /** Number of scenarios with nothing left to report. */
  readonly clean: number
  /** Bugs that the variant adds, the worst first. */
  readonly bugs: readonly Bug[]
  /** The reason for the verdict, without numbers of findings; wordings from long to short. */
  readonly reasons: Reasons
  /**
   * Reason why some runs were cut short: they took too long, reached a function that is not modelled, or used up the
   * memory of the machine. Null if none was.
   */
  readonly cutShort: string | null
}

function isClean({ findings, outcome }: Cell): boolean {
  const counts = tally(findings)
  return outcome === 'completed' && variantTotal(counts) === 0 && counts.notReached === 0
}

/** Kinds of bugs by severity, the worst first. Other kinds follow in the order of the oracles. */
const worst: readonly string[] = [
  'task-killed',
  'waits-forever',
  'touched-after-free',
  'freed-again',
  'counter-fault',
]

/**
 * Bugs that break what worked come first. Bugs that need a failed allocation come last. Otherwise, bugs in more
 * scenarios come first, and then the worse kinds.
 */
function bySeverity({ oracles }: Comparison): (a: Bug, b: Bug) => number {
  const place = ({ kind, finding }: Bug): number => {
    const at = worst.indexOf(kind)
    return at >= 0 ? at : worst.length + oracles.findIndex(({ id }) => id === finding.oracle)
  }
  return (a, b) =>
    Number(b.breaksWhatWorked) - Number(a.breaksWhatWorked) ||
    Number(a.onlyIfMemoryIsShort) - Number(b.onlyIfMemoryIsShort) ||
    b.cells.length - a.cells.length ||
    place(a) - place(b)
}

/** Number of bugs, scenarios or oracles that are named, from long to short wordings; the others are counted. */
const named = [3, 2, 1] as const

function listed(all: readonly string[], maxNamed: number, mark: string, more: string): string {
  const rest = all.length - maxNamed
  const plural = more === '' || rest === 1 ? more : `${more}s`
  return [...all.slice(0, maxNamed), ...(rest > 0 ? [`${String(rest)} more${plural}`] : [])].join(mark)
}

function bugReasons(bugs: readonly Bug[], cells: readonly Cell[]): Reasons {
  const texts = (all: readonly Cell[]): string[] =>
    bugs.map((bug) => `${bugText(bug, all)} (${String(bug.cells.length)})`)
  const [whole, short] = [texts(cells), texts([])]
  return [
    listed(whole, named[0], '; ', ' bug'),
    ...named.slice(1).map((maxNamed) => listed(whole, maxNamed, '; ', ' bug')),
    listed(short, 1, '; ', ' bug'),
  ]
}

/** Counts findings by oracle, in descending order: `leak 43`. Console lines are symptoms and come last. */
function countsOf(
  cells: readonly Cell[],
  isCounted: (status: FindingStatus) => boolean,
  except: readonly string[] = [],
): string[] {
  const counts = new Map<string, number>()
  for (const { findings } of cells)
    for (const { status, oracle } of findings)
      if (isCounted(status) && !except.includes(oracle)) counts.set(oracle, (counts.get(oracle) ?? 0) + 1)
  const place = ([oracle, count]: [string, number]): number => (oracle === 'console' ? 0 : count)
  return [...counts]
    .toSorted((a, b) => place(b) - place(a))
    .map(([oracle, count]) => `${oracle} ${String(count)}`)
}

/** Outcomes of runs in which a task died or hung. The oracles that report them have the same names. */
const ends = ['oops', 'deadlock'] as const

/** Says in how many runs a task dies or hangs on the unpatched kernel only: `stops 3 of 4 Oopses`. */
function stopped(cells: readonly Cell[], unpatched: readonly Cell[]): string[] {
  const words = { oops: ['Oops', 'Oopses'], deadlock: ['deadlock', 'deadlocks'] } as const
  return ends.flatMap((outcome) => {
    const ended = unpatched.filter((cell) => cell.outcome === outcome).map(({ scenario }) => scenario)
    const now = cells.filter((cell) => ended.includes(cell.scenario) && cell.outcome === 'completed').length
    if (now === 0) return []
    const [one, many] = words[outcome]
    return [
      ended.length === 1 ? `stops the ${one}` : `stops ${String(now)} of ${String(ended.length)} ${many}`,
    ]
  })
}

/**
 * Lists what a variant leaves if it fixes most findings, fixes none, or leaves findings in few scenarios. Otherwise
 * lists what it fixes.
 */
function partReasons(cells: readonly Cell[], unpatched: readonly Cell[], mostlyFixes: boolean): Reasons {
  const places = cells.filter((cell) => !isClean(cell)).map(({ scenario }) => scenario)
  const stops = stopped(cells, unpatched)
  const isFew = places.length <= named[0] && places.length < cells.length
  const kept = countsOf(cells, (status) => status === 'kept' || status === 'not-reached')
  const left = isFew ? places : kept.length > 0 ? kept : countsOf(cells, (status) => status === 'revealed')
  // Runs that end early are counted by `stops`.
  const fixed = countsOf(cells, (status) => status === 'fixed', stops.length > 0 ? ends : [])
  const [head, all] = mostlyFixes || isFew || fixed.length === 0 ? ['left:', left] : ['fixes', fixed]
  const say = (maxNamed: number): string => {
    const list = `${head} ${listed(all, maxNamed, ', ', isFew ? '' : ' kind')}`
    return [...stops, list].join(head === 'fixes' ? ', ' : '; ')
  }
  return [say(named[0]), ...named.slice(1).map(say)]
}

/** Explains why the runs of a variant say nothing about it. */
function idleReasons(variant: VariantSummary): Reasons {
  const why = exerciseText(variant, '')
  return why === null ? ['changed lines never ran'] : [why, 'changed lines never ran']
}

function whyCutShort({ outcome, unmodelled }: Cell): string[] {
  if (outcome === 'timeout') return ['a run took too long']
  return outcome === 'unmodelled' ? [whyUnmodelled(unmodelled)] : []
}

/** Lists why runs were cut short, with the number of runs for each reason. */
function cutShortReason(cells: readonly Cell[]): string | null {
  const reasons = cells.flatMap(whyCutShort)
  if (reasons.length === 0) return null
  const countOf = (why: string): number => reasons.filter((one) => one === why).length
  return [...new Set(reasons)].map((why) => `${why} (${String(countOf(why))})`).join(', ')
}

/**
 * Recommends what to do with a variant, single patch or stack. The verdict depends on the bugs and on whether findings
 * are left, never on the numbers of findings.
 */
export function recommend(comparison: Comparison, variant: VariantSummary): Recommendation {
  const cells = comparison.cells.filter((cell) => cell.variant === variant.id)
  const clean = cells.filter(isClean).length
  const bugs = bugsOf(comparison, variant.id).sort(bySeverity(comparison))
  const cutShort = cutShortReason(cells)
  const say = (verdict: Verdict, ...reasons: Reasons): Recommendation => ({
    variant,
    verdict,
    clean,
    bugs,
    reasons,
    cutShort,
  })
  if (variant.status !== 'ok')
    return say('not-judged', `${variant.status}: ${variant.reason?.split('\n')[0] ?? ''}`)
  if (!variant.exercised) return say('not-judged', ...idleReasons(variant))
  if (bugs.length > 0) {
    const isOne = bugs.length === 1 && bugs.every(({ breaksWhatWorked }) => !breaksWhatWorked)
    return say(isOne ? 'one-new-bug' : 'do-not-merge', ...bugReasons(bugs, cells))
  }
  if (cutShort !== null) return say('not-enough', `cut short: ${cutShort}`)
  if (clean < comparison.scenarios.length) {
    const { fixed, revealed, kept, notReached } = variant
    if (fixed === 0 && revealed === 0) return say('not-enough', 'fixes nothing by itself')
    const unpatched = comparison.cells.filter((cell) => cell.variant === comparison.baseline)
    return say('not-enough', ...partReasons(cells, unpatched, fixed > kept + notReached))
  }
  return unpatchedTotal(variant) === 0
    ? say('not-enough', 'there was nothing to fix')
    : say('merge', 'leaves nothing')
}

/** Returns the recommendation for each patched variant, sorted by verdict and rank. */
export function recommendations(comparison: Comparison): Recommendation[] {
  return comparison.variants
    .filter(({ id }) => id !== comparison.baseline)
    .map((variant) => recommend(comparison, variant))
    .sort(
      (a, b) => verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) || a.variant.rank - b.variant.rank,
    )
}
