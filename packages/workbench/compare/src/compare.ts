// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import { oracles as shippedOracles, type Oracle } from '@pfo-workbench/oracle'
import pMap from 'p-map'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Scenario } from '@pfo-workbench/run'
import type { Cell, Comparison, VariantSummary } from './comparison.ts'
import { diffsOf } from './diffs.ts'
import type { ExaminedRun } from './play/examined-schema.ts'
import type { Interaction } from './interaction.ts'
import { findInteractions } from './interactions/interactions.ts'
import { changesOf } from './changes/changes.ts'
import { timelessKey } from './verdict/about.ts'
import { changedFunctions } from './verdict/changed-code.ts'
import { judge, unjudged } from './verdict/judge.ts'
import { summaryOf } from './verdict/summary.ts'
import { checkBoots } from './play/boot.ts'
import { playableOf } from './play/playable.ts'
import { Player, type CacheOptions, type PlayedVariant, type PlayOptions } from './play/player.ts'
import { rankVariants } from './rank.ts'
import { baselineId, baselineOf, checkIds, type Stack } from './stacks.ts'

/** The unpatched kernel could not be played: a fault of the machine or of the workbench, not of a patch. */
export class CompareError extends Error {
  override readonly name = 'CompareError'
}

/** Progress of a comparison, for display. */
export interface ProgressState {
  readonly variant: string
  /** Null once the variant is done. */
  readonly doing: string | null
  /** Completed runs or searched stacks. Starts from 0 again when `total` becomes null. */
  readonly done: number
  /**
   * Total number. Null once all requested runs are done and stacks are split to find interactions between their
   * patches: how many runs that needs is not known in advance.
   */
  readonly total: number | null
}

/** The inputs and options of a comparison. */
export interface CompareOptions {
  /** Builds variants and plays scenarios on them. The creator disposes of it. */
  readonly engine: Engine<PatchSeries>
  /** The stacks to compare with the unpatched kernel. */
  readonly stacks: readonly Stack[]
  readonly scenarios: readonly Scenario[]
  /** Number of variants to run at the same time; default: one per processor. */
  readonly jobs?: number
  /** Cache for results of earlier comparisons. Without it, all scenarios are played again. */
  readonly cache?: CacheOptions | undefined
  /** The oracles to apply; default: all shipped ones. */
  readonly oracles?: readonly Oracle[]
  /** Aborts everything within a second, child processes included; `compare` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** True to split stacks to find interactions between their patches; default: yes. */
  readonly interactions?: boolean
  /** `bundled` plays code whose types have not been checked; default: `checked`. */
  readonly depth?: PlayOptions['depth']
  /** Called at each step of the work. */
  readonly onProgress?: (state: ProgressState) => void
  /**
   * Called for each variant as soon as it has been played, with a comparison of this variant and the unpatched kernel.
   */
  readonly onPlayed?: (part: Comparison) => void
}

/**
 * Plays all scenarios that the engine accepts on the unpatched kernel and on each stack, and compares the results. The
 * comparison does not depend on `jobs`.
 *
 * @throws SeriesError if two stacks have the same id
 * @throws RefusedScenarioError if the engine can play none of the scenarios
 * @throws BootError if the unpatched kernel does not boot
 * @throws VariantError if no variant can be built; a fault of a single patch becomes the status of its variant
 * @throws the signal's reason if it is aborted
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { engine, jobs = availableParallelism(), cache, oracles, signal } = options
  checkIds(options.stacks)
  const { playable, leftOut } = playableOf(engine, options.scenarios)
  const player = await Player.create({ engine, jobs, cache, oracles, signal })
  try {
    const comparison = await compareWith(player, jobs, { ...options, scenarios: playable })
    return leftOut.length === 0 ? comparison : { ...comparison, leftOut }
  } finally {
    // If one variant fails, others are still running.
    await player.settled()
  }
}

async function compareWith(
  player: Player,
  jobs: number,
  { engine, scenarios, stacks: patched, onProgress, onPlayed, signal, ...options }: CompareOptions,
): Promise<Comparison> {
  const stacks = [baselineOf(engine), ...patched]
  const total = stacks.length * scenarios.length
  let done = 0
  let more = 0
  const oracles = options.oracles ?? shippedOracles
  const waiting: PlayedVariant[] = []
  let baseline: PlayedVariant | undefined
  /** Reports wait for the run of the unpatched kernel: a variant cannot be judged without it. */
  const tellPlayed = (one: PlayedVariant): void => {
    if (onPlayed === undefined) return
    if (one.stack.id === baselineId) baseline = one
    else waiting.push(one)
    if (baseline === undefined) return
    for (const variant of waiting.splice(0))
      onPlayed(assemble(engine, oracles, { played: [baseline, variant], scenarios, interactions: [] }))
  }
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
      tellPlayed(played)
      if (stack.id === baselineId) checkBoots(engine, played)
      return played
    },
    // Build one more while the others run.
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
  return assemble(engine, oracles, { played, scenarios, interactions })
}

/** A cell whose run timed out, so that nothing else is known. */
const timedOut = {
  outcome: 'timeout',
  assumed: [],
  changes: [],
  console: [],
  steps: [],
  story: null,
} as const

/** The parts of a comparison. */
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

/** Returns the run of the unpatched kernel, which every verdict needs. */
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
    // The unpatched kernel counts as exercised.
    exercised: stack.patches.length === 0 || exercise.some(({ scenarios }) => scenarios.length > 0),
    exercise,
    exerciseUnknown,
    ...summaryOf(stack.id, cells),
  }
}
