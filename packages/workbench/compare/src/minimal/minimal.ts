// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import pMap from 'p-map'
import { findingKey, type Finding } from '@pfo-workbench/oracle'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Scenario } from '@pfo-workbench/run'
import type { FindingName } from '../interaction.ts'
import { CompareError } from '../compare-error.ts'
import type { ProgressState } from '../compare.ts'
import type { LeftOutScenario } from '../comparison.ts'
import { playableOf } from '../play/playable.ts'
import { openCache, Player, type CacheOptions, type PlayedVariant } from '../play/player.ts'
import { searchMinimal, type Candidate, type CandidateTester } from './search.ts'
import { StackError, haveCommonFile, stackOfPatches, type Stack } from '../stacks.ts'

type StackPatch = Stack['patches'][number]

/** A finding that remains with a stack, and the scenarios that have it. */
export interface LeftFinding extends FindingName {
  readonly scenarios: readonly string[]
}

/** A stack found by the search. */
export interface FoundStack {
  readonly id: string
  readonly patches: readonly string[]
  /** Remaining findings, except allowed ones; empty for a minimal stack. */
  readonly left: readonly LeftFinding[]
}

/** Number of remaining findings of a stack, summed over the scenarios. */
export function countLeft(left: readonly LeftFinding[]): number {
  return left.reduce((sum, { scenarios }) => sum + scenarios.length, 0)
}

/** The smallest stacks without remaining findings, or the closest ones. */
export interface MinimalStacks {
  /** The engine's name for its kernel. */
  readonly kernel: string
  readonly patches: readonly string[]
  readonly scenarios: readonly string[]
  /** Scenarios that were not played, if any. */
  readonly leftOut?: readonly LeftOutScenario[]
  /** Oracles whose findings are ignored. */
  readonly allowed: readonly string[]
  /** Number of stacks that were played. */
  readonly evaluations: number
  /** Patches that cannot be in one stack. */
  readonly conflicts: readonly (readonly [string, string])[]
  readonly minimal: readonly FoundStack[]
  /** If there is no minimal stack: the stacks with the fewest remaining findings. */
  readonly closest: readonly FoundStack[]
}

/** The inputs and options of a search. */
export interface MinimalOptions {
  /** Builds stacks and plays scenarios on them. The creator disposes of the engine. */
  readonly engine: Engine<PatchSeries>
  readonly patches: readonly StackPatch[]
  readonly scenarios: readonly Scenario[]
  readonly allowed?: readonly string[]
  readonly jobs?: number
  readonly cache?: CacheOptions | undefined
  /** Called at each step of the work. */
  readonly onProgress?: (state: ProgressState) => void
  /** Called for each stack that was played in all scenarios. */
  readonly onPlayed?: (stack: FoundStack) => void
}

/** Pairs of patches that conflict, and pairs with a required order. */
interface Fit {
  readonly conflicts: readonly (readonly [string, string])[]
  /** The first of each pair must come before the second. */
  readonly before: readonly (readonly [string, string])[]
}

/** Tries each pair of patches that change the same file, in both orders if needed. */
async function fitOf(patches: readonly StackPatch[], player: Player, jobs: number): Promise<Fit> {
  const applies = async (...stack: StackPatch[]): Promise<boolean> =>
    (await player.build(stackOfPatches(stack), 'applied')).status === 'ok'
  const alone = new Map(
    await pMap(patches, async (patch) => [patch.id, await applies(patch)] as const, { concurrency: jobs }),
  )
  const conflicts: [string, string][] = []
  const before: [string, string][] = []
  for (const [at, a] of patches.entries()) {
    for (const b of patches.slice(at + 1)) {
      if (!haveCommonFile(a, b) || (await applies(a, b))) continue
      if (await applies(b, a)) before.push([b.id, a.id])
      // If one of them needs other patches below it, the pair proves nothing.
      else if (alone.get(a.id) === true && alone.get(b.id) === true) conflicts.push([a.id, b.id])
    }
  }
  return { conflicts, before }
}

/** Orders patches so that each patch comes after the patches that it needs. Otherwise keeps the given order. */
function ordered(patches: readonly StackPatch[], before: Fit['before']): StackPatch[] {
  const rest = [...patches]
  const done: StackPatch[] = []
  while (rest.length > 0) {
    const next = rest.findIndex(
      ({ id }) => !before.some(([first, second]) => second === id && rest.some((one) => one.id === first)),
    )
    // In a cycle no order is better than another. Applying the stack shows whether it works.
    done.push(...rest.splice(Math.max(0, next), 1))
  }
  return done
}

function leftIn(runs: PlayedVariant['runs'], allowed: ReadonlySet<string>): LeftFinding[] {
  const left = new Map<string, { finding: Finding; scenarios: string[] }>()
  for (const [scenario, run] of runs) {
    for (const finding of run?.findings ?? []) {
      if (allowed.has(finding.oracle)) continue
      const known = left.get(findingKey(finding))
      if (known === undefined) left.set(findingKey(finding), { finding, scenarios: [scenario] })
      else known.scenarios.push(scenario)
    }
  }
  return [...left.values()].map(({ finding: { oracle, subject }, scenarios }) => ({
    oracle,
    subject,
    scenarios,
  }))
}

/** Plays sets of patches, and remembers the results. */
class Trials implements CandidateTester {
  readonly #known = new Map<string, Promise<readonly LeftFinding[] | null>>()
  readonly #asked = new Map<string, Promise<boolean>>()
  readonly #player: Player
  readonly #options: MinimalOptions
  readonly #byId: ReadonlyMap<string, StackPatch>
  readonly #allowed: ReadonlySet<string>
  #done = 0

  constructor(player: Player, options: MinimalOptions) {
    this.#player = player
    this.#options = options
    this.#byId = new Map(options.patches.map((patch) => [patch.id, patch]))
    this.#allowed = new Set(options.allowed)
  }

  /** Number of sets that were tried, in all scenarios or until one had a finding. */
  get count(): number {
    return new Set([...this.#known.keys(), ...this.#asked.keys()]).size
  }

  stackOf(ids: Candidate): Stack {
    return stackOfPatches(ids.flatMap((id) => this.#byId.get(id) ?? []))
  }

  /** The remaining findings of a set of patches; null if it cannot be played, or leaves none but does not compile. */
  async findings(ids: Candidate): Promise<readonly LeftFinding[] | null> {
    const key = ids.join('+')
    const known = this.#known.get(key) ?? this.#play(this.stackOf(ids))
    this.#known.set(key, known)
    return known
  }

  /** Number of remaining findings of a set, summed over the scenarios; infinite if `findings` returns null. */
  async left(ids: Candidate): Promise<number> {
    const left = await this.findings(ids)
    return left === null ? Number.POSITIVE_INFINITY : countLeft(left)
  }

  async succeeds(ids: Candidate): Promise<boolean> {
    const key = ids.join('+')
    const asked = this.#known.has(key)
      ? this.left(ids).then((amount) => amount === 0)
      : (this.#asked.get(key) ?? this.#ask(ids))
    this.#asked.set(key, asked)
    return asked
  }

  /**
   * Plays one scenario, and the others only if this run has no findings: nearly every set fails in nearly every
   * scenario.
   */
  async #ask(ids: Candidate): Promise<boolean> {
    const stack = this.stackOf(ids)
    const first = this.#options.scenarios.slice(0, 1)
    const { status, runs } = await this.#player.play(stack, first, {
      onProgress: this.#reporter(stack),
      depth: 'bundled',
    })
    if (status !== 'ok' || leftIn(runs, this.#allowed).length > 0) return false
    return (await this.left(ids)) === 0
  }

  #reporter(stack: Stack): (doing: string | null) => void {
    return (doing) =>
      this.#options.onProgress?.({ variant: stack.id, doing, done: this.#done, total: this.count })
  }

  async #play(stack: Stack): Promise<readonly LeftFinding[] | null> {
    const report = this.#reporter(stack)
    const played = await this.#player.play(stack, this.#options.scenarios, {
      onProgress: report,
      depth: 'bundled',
    })
    this.#done++
    report(null)
    if (stack.patches.length === 0 && played.status !== 'ok')
      throw new CompareError(`the unpatched kernel could not be played: ${played.reason ?? ''}`)
    if (played.status !== 'ok') return null
    const left = leftIn(played.runs, this.#allowed)
    this.#options.onPlayed?.({ id: stack.id, patches: stack.patches.map(({ id }) => id), left })
    // Code that was not type-checked may run although it does not compile. A stack that does not compile is of no use.
    if (left.length > 0 || (await this.#player.build(stack, 'checked')).status === 'ok') return left
    return null
  }
}

/**
 * Finds the smallest stacks of these patches that leave no finding in these scenarios.
 *
 * @throws StackError if two patches have the same id
 * @throws NoPlayableScenarioError if the engine can play none of the scenarios
 * @throws VariantError if nothing can be built
 * @throws CompareError if the unpatched kernel cannot be played
 */
export async function findMinimal(options: MinimalOptions): Promise<MinimalStacks> {
  const { engine, patches, allowed = [], jobs = availableParallelism() } = options
  const ids = patches.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) < at)
  if (twice !== undefined) throw new StackError(`"${twice}" is given twice`)
  const { playable, leftOut } = playableOf(engine, options.scenarios)
  const player = new Player({ engine, jobs, cache: await openCache(engine, options.cache) })
  const { conflicts, before } = await fitOf(patches, player, jobs)
  const trials = new Trials(player, { ...options, scenarios: playable })
  const isConflict = (a: string, b: string): boolean =>
    conflicts.some(([one, two]) => (one === a && two === b) || (one === b && two === a))
  const order = ordered(patches, before).map(({ id }) => id)
  const result = await searchMinimal(order, isConflict, trials, jobs)
  const found = async (sets: readonly Candidate[]): Promise<FoundStack[]> =>
    pMap(sets, async (set) => ({
      id: trials.stackOf(set).id,
      patches: set,
      left: (await trials.findings(set)) ?? [],
    }))
  return {
    kernel: engine.kernel,
    patches: ids,
    scenarios: playable.map(({ id }) => id),
    ...(leftOut.length === 0 ? {} : { leftOut }),
    allowed,
    evaluations: trials.count,
    conflicts,
    minimal: await found(result.minimal),
    closest: await found(result.closest),
  }
}
