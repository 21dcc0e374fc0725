// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import { oracles as shippedOracles, type Oracle } from '@pfo-workbench/oracle'
import pMap from 'p-map'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Scenario } from '@pfo-workbench/run'
import type { Cell, Comparison, VariantSummary } from './comparison.ts'
import { diffsOf } from './diffs.ts'
import type { ExaminedRun } from './play/examined.ts'
import type { Interaction } from './interaction.ts'
import { findInteractions } from './interactions/interactions.ts'
import { changesOf } from './changes/changes.ts'
import { timelessKey } from './verdict/about.ts'
import { changedFunctions } from './verdict/changed-code.ts'
import { judge, unjudged } from './verdict/judge.ts'
import { summaryOf } from './verdict/summary.ts'
import { Player, type CacheOptions, type PlayedVariant, type PlayOptions } from './play/player.ts'
import { rankVariants } from './rank.ts'
import { baselineId, baselineOf, checkIds, type Stack } from './stacks.ts'

/** There is nothing to compare with: a fault of the machine or ours, not of a patch. */
export class CompareError extends Error {
  override readonly name = 'CompareError'
}

/** The engine cannot play a scenario; the message says which and why. */
export class RefusedScenarioError extends Error {
  override readonly name = 'RefusedScenarioError'
}

/** How far a comparison is, for a person who waits. */
export interface ProgressState {
  readonly variant: string
  /** Null when no more is done to it. */
  readonly doing: string | null
  /** What is done: runs, or stacks that were searched; from 0 again once `total` is null. */
  readonly done: number
  /**
   * How many there are. Null when all that was asked for is done, and stacks are taken apart to see what their patches do to
   * each other: how many runs that takes shows on the way.
   */
  readonly total: number | null
}

/** What to compare, and how. */
export interface CompareOptions {
  /** What builds variants and plays scenarios on them. Whoever made it disposes of it. */
  readonly engine: Engine<PatchSeries>
  /** What is compared with the unpatched kernel. */
  readonly stacks: readonly Stack[]
  readonly scenarios: readonly Scenario[]
  /** Variants that run at the same time; default: one per processor. */
  readonly jobs?: number
  /** Where results are kept from one comparison to the next; without it all is played anew. */
  readonly cache?: CacheOptions | undefined
  /** What is looked for; default: everything that the workbench knows. */
  readonly oracles?: readonly Oracle[]
  /** Ends everything within a second, children included; `compare` then throws its reason. */
  readonly signal?: AbortSignal | undefined
  /** Whether to take stacks apart to find what their patches do to each other; default: yes. */
  readonly interactions?: boolean
  /** `bundled` to play what nobody has said that it compiles; default: `checked`. */
  readonly depth?: PlayOptions['depth']
  /** Told of each step of the work. */
  readonly onProgress?: (state: ProgressState) => void
}

/**
 * Plays all scenarios on the unpatched kernel and on every stack of patches, and holds the outcomes against each other.
 * The result does not depend on `jobs`.
 *
 * @throws SeriesError when two stacks have the same id
 * @throws RefusedScenarioError when the engine cannot play a scenario
 * @throws VariantError when variants cannot be built at all; what is wrong with one patch is its variant's status
 * @throws the signal's reason when that is raised
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { engine, scenarios, jobs = availableParallelism(), cache, oracles, signal } = options
  checkIds(options.stacks)
  checkScenarios(engine, scenarios)
  const player = await Player.create({ engine, jobs, cache, oracles, signal })
  try {
    return await compareWith(player, jobs, options)
  } finally {
    // What fails in one place goes on in others.
    await player.settled()
  }
}

async function compareWith(
  player: Player,
  jobs: number,
  { engine, scenarios, stacks: patched, onProgress, signal, ...options }: CompareOptions,
): Promise<Comparison> {
  const stacks = [baselineOf(engine), ...patched]
  const total = stacks.length * scenarios.length
  let done = 0
  let more = 0
  const played = await pMap(
    stacks,
    async (stack) => {
      const report = (doing: string | null): void => onProgress?.({ variant: stack.id, doing, done, total })
      const played = await player.play(stack, scenarios, {
        ...(options.depth === undefined ? {} : { depth: options.depth }),
        onProgress: (doing, finished) => {
          done += finished
          report(doing)
        },
      })
      report(null)
      return played
    },
    // One more is built while the others run.
    { concurrency: jobs + 1, ...(signal === undefined ? {} : { signal }) },
  )
  const interactions =
    options.interactions === false
      ? []
      : await findInteractions(played, scenarios, {
          jobs: jobs + 1,
          play: async (stack, some, isEnough) => {
            const report = (doing: string | null): void =>
              onProgress?.({ variant: stack.id, doing, done: more, total: null })
            const part = await player.play(stack, some, {
              depth: 'bundled',
              isEnough,
              onProgress: (doing, finished) => {
                more += finished
                report(doing)
              },
            })
            report(null)
            return part
          },
          build: (stack, depth) => player.build(stack, depth),
        })
  return assemble(engine, options.oracles ?? shippedOracles, { played, scenarios, interactions })
}

/** @throws RefusedScenarioError: nothing is played if a part of it cannot be */
export function checkScenarios(engine: Engine<PatchSeries>, scenarios: readonly Scenario[]): void {
  for (const scenario of scenarios) {
    const reason = engine.refuses(scenario)
    if (reason !== null)
      throw new RefusedScenarioError(`${scenario.id} cannot be played on ${engine.kernel}: ${reason}`)
  }
}

/** A cell of which nothing is known but that it took too long. */
const timedOut = {
  outcome: 'timeout',
  assumed: [],
  changes: [],
  console: [],
  steps: [],
  story: null,
} as const

/** What a comparison is put together from. */
interface Parts {
  readonly played: readonly PlayedVariant[]
  readonly scenarios: readonly Scenario[]
  readonly interactions: readonly Interaction[]
}

function assemble(
  { id: engine, kernel, origin, compiler, configuration }: Engine<PatchSeries>,
  oracles: readonly Oracle[],
  { played, scenarios, interactions }: Parts,
): Comparison {
  const [baseline] = played
  const unpatchedAnywhere = new Map<string, string>()
  for (const [scenario, run] of baseline?.runs ?? []) {
    for (const key of run?.findings.map(timelessKey) ?? []) {
      if (!unpatchedAnywhere.has(key)) unpatchedAnywhere.set(key, scenario)
    }
  }
  const cells = played.flatMap(({ stack, runs, changedFunctions: functions }) => {
    const circumstances = { changed: changedFunctions(functions), unpatchedAnywhere }
    return scenarios.flatMap(({ id: scenario }): Cell[] => {
      const own = runs.get(scenario)
      if (own === undefined) return []
      const unpatched = baselineRun(baseline, scenario)
      if (own === null) return [{ variant: stack.id, scenario, ...timedOut, findings: unjudged(unpatched) }]
      const { outcome, unmodelled, assumed, console, steps, story } = own
      const findings = judge(unpatched, own, circumstances)
      const changes = changesOf(unpatched, own, findings)
      const end = { outcome, ...(unmodelled === null ? {} : { unmodelled }), assumed }
      return [{ variant: stack.id, scenario, ...end, findings, changes, console, steps, story }]
    })
  })
  return {
    kernel,
    engine,
    origin,
    ...(compiler === undefined ? {} : { compiler }),
    ...(configuration === undefined ? {} : { configuration }),
    oracles: oracles.map(({ id, title }) => ({ id, title })),
    baseline: baselineId,
    variants: rankVariants(played.map((variant) => summarize(variant, cells))),
    scenarios: scenarios.map(({ id, title }) => ({ id, title })),
    cells,
    interactions,
  }
}

/** Nothing can be said about variants without the unpatched kernel's run. */
function baselineRun(baseline: PlayedVariant | undefined, scenario: string): ExaminedRun {
  const run = baseline?.runs.get(scenario)
  if (run != null) return run
  const why = `${baseline?.status ?? ''} ${baseline?.reason ?? ''}`.trim()
  throw new CompareError(`the unpatched kernel could not be played in ${scenario}: ${why}`)
}

function summarize(variant: PlayedVariant, cells: readonly Cell[]): Omit<VariantSummary, 'rank'> {
  const { stack, status, reason, exercise, exerciseUnknown } = variant
  return {
    id: stack.id,
    title: stack.title,
    patches: stack.patches.map((patch) => patch.id),
    diffs: diffsOf(stack),
    status,
    ...(reason === null ? {} : { reason }),
    // All of the unpatched kernel is what it is.
    exercised: stack.patches.length === 0 || exercise.some(({ scenarios }) => scenarios.length > 0),
    exercise,
    exerciseUnknown,
    ...summaryOf(stack.id, cells),
  }
}
