// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import { oracles as shippedOracles, type Oracle } from '@pfo-workbench/oracle'
import pMap from 'p-map'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Scenario } from '@pfo-workbench/run'
import { cachedComparison } from './cached-comparison.ts'
import { cellsOf, reduced, unpatchedFacts, type JudgedVariant, type UnpatchedFacts } from './cells.ts'
import type { Cell, Comparison, VariantSummary } from './comparison.ts'
import { diffsOf } from './diffs.ts'
import type { Interaction } from './interaction.ts'
import { Interner } from './interned.ts'
import { findInteractions } from './interactions/interactions.ts'
import { summaryOf } from './verdict/summary.ts'
import { checkUnpatchedBoots } from './play/boot.ts'
import { playableOf } from './play/playable.ts'
import { openCache, Player, type CacheOptions, type PlayedVariant, type PlayOptions } from './play/player.ts'
import { rankVariants } from './rank.ts'
import { unpatchedId, unpatchedStack, checkIds, type Stack } from './stacks.ts'

/** Progress of a comparison, for display. */
export interface ProgressState {
  readonly variant: string
  /** Null once the variant is done. */
  readonly doing: string | null
  /**
   * Number of completed runs, or, in a search for minimal stacks, of played stacks. Starts from 0 again when `total`
   * becomes null.
   */
  readonly done: number
  /**
   * Number of requested runs, or, in a search for minimal stacks, of stacks tried so far. Null once all requested runs
   * are done and stacks are split to find interactions between their patches: the number of runs that this needs is not
   * known in advance.
   */
  readonly total: number | null
}

/** The inputs and options of a comparison. */
export interface CompareOptions {
  /** Builds variants and plays scenarios on them. The creator disposes of the engine. */
  readonly engine: Engine<PatchSeries>
  /** The stacks to compare with the unpatched kernel. */
  readonly stacks: readonly Stack[]
  readonly scenarios: readonly Scenario[]
  /** Number of processes at the same time, each for scenarios of one variant; default: one per processor. */
  readonly jobs?: number
  /** Cache for results of earlier comparisons. Without it, all scenarios are played again. */
  readonly cache?: CacheOptions | undefined
  /** The oracles to apply; default: all shipped ones. */
  readonly oracles?: readonly Oracle[]
  /** Aborts everything within a second, child processes included; `compare` then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** True to split stacks to find interactions between their patches; default: yes. */
  readonly interactions?: boolean
  /**
   * False to leave the `story` of all cells out. Only the JSON document and the page show it, and it makes up
   * most of a comparison; default: yes.
   */
  readonly stories?: boolean
  /** `bundled` plays code whose types have not been checked; default: `checked`. */
  readonly depth?: PlayOptions['depth']
  /** Called at each step of the work. */
  readonly onProgress?: (state: ProgressState) => void
  /**
   * Called for each variant as soon as it has been played, with a comparison of this variant and the unpatched kernel.
   * Not called if the cache has the whole comparison.
   */
  readonly onPlayed?: (part: Comparison) => void
}

/**
 * Plays all scenarios that the engine accepts on the unpatched kernel and on each stack, and compares the results. The
 * comparison does not depend on `jobs`.
 *
 * @throws StackError if two stacks have the same id
 * @throws NoPlayableScenarioError if the engine can play none of the scenarios
 * @throws CompareError if the unpatched kernel cannot be played in a scenario
 * @throws BootError if the unpatched kernel does not boot
 * @throws VariantError if no variant can be built; a fault of a single patch becomes the status of its variant
 * @throws the signal's reason if it is aborted
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { engine, stacks, jobs = availableParallelism(), oracles, signal } = options
  signal?.throwIfAborted()
  checkIds(stacks)
  const { playable: scenarios, leftOut } = playableOf(engine, options.scenarios)
  const cache = await openCache(engine, options.cache)
  const { stories = true, interactions = true, depth = 'checked' } = options
  // Results of other oracles are not cached: their code is not part of the key.
  const comparison = await cachedComparison(
    oracles === undefined || oracles === shippedOracles ? cache : null,
    { stories, inputs: { stacks, scenarios, interactions, depth } },
    async () => {
      const player = new Player({ engine, jobs, cache, oracles, signal })
      try {
        const made = await compareWith(player, jobs, { ...options, scenarios })
        return { comparison: made, isLasting: player.isLasting }
      } finally {
        // If one variant fails, others are still running.
        await player.settled()
      }
    },
  )
  return leftOut.length === 0 ? comparison : { ...comparison, leftOut }
}

async function compareWith(
  player: Player,
  jobs: number,
  { engine, scenarios, stacks: patched, onProgress, onPlayed, signal, ...options }: CompareOptions,
): Promise<Comparison> {
  const stacks = [unpatchedStack(engine), ...patched]
  const { stories = true } = options
  const oracles = options.oracles ?? shippedOracles
  const total = stacks.length * scenarios.length
  let done = 0
  let more = 0
  let unpatched: PlayedVariant | undefined
  let facts: UnpatchedFacts = { unpatchedAnywhere: new Map(), droppedIn: new Map(), writtenIn: new Map() }
  /** Variants that wait for the run of the unpatched kernel, without which they cannot be judged. */
  const waiting: PlayedVariant[] = []
  const judgedById = new Map<string, JudgedVariant>()
  const interner = new Interner()
  const judgePlayed = (played: PlayedVariant): void => {
    const one = interner.variant(played)
    waiting.push(one)
    if (one.stack.id === unpatchedId) {
      unpatched = one
      facts = unpatchedFacts(one)
    }
    if (unpatched === undefined) return
    for (const variant of waiting.splice(0)) {
      const cells = cellsOf(unpatched, facts, variant, scenarios, stories)
      judgedById.set(variant.stack.id, { ...reduced(variant, unpatched), cells })
      const reference = judgedById.get(unpatchedId)
      const own = judgedById.get(variant.stack.id)
      if (own === undefined || reference === undefined || own === reference) continue
      onPlayed?.(assemble(engine, oracles, { variants: [reference, own], scenarios, interactions: [] }))
    }
  }
  await pMap(
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
      if (stack.id === unpatchedId) checkUnpatchedBoots(engine, played)
      judgePlayed(played)
    },
    // Build one more while the others run.
    { concurrency: jobs + 1, ...(signal === undefined ? {} : { signal }) },
  )
  const variants = stacks.flatMap(({ id }) => judgedById.get(id) ?? [])
  const interactions =
    options.interactions === false
      ? []
      : await findInteractions(variants, scenarios, {
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
  return assemble(engine, oracles, { variants, scenarios, interactions })
}

/** The parts of a comparison. */
interface Parts {
  /** The unpatched kernel first. */
  readonly variants: readonly JudgedVariant[]
  readonly scenarios: readonly Scenario[]
  readonly interactions: readonly Interaction[]
}

function assemble(
  { id: engine, kernel, origin, compiler, configuration }: Engine<PatchSeries>,
  oracles: readonly Oracle[],
  { variants, scenarios, interactions }: Parts,
): Comparison {
  const cells = variants.flatMap((variant) => variant.cells)
  return {
    kernel,
    engine,
    origin,
    ...(compiler === undefined ? {} : { compiler }),
    ...(configuration === undefined ? {} : { configuration }),
    oracles: oracles.map(({ id, title }) => ({ id, title })),
    baseline: unpatchedId,
    variants: rankVariants(variants.map((variant) => summarize(variant, cells))),
    scenarios: scenarios.map(({ id, title }) => ({ id, title })),
    cells,
    interactions,
  }
}

function summarize(variant: JudgedVariant, cells: readonly Cell[]): Omit<VariantSummary, 'rank'> {
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
