// SPDX-License-Identifier: GPL-2.0-only
import { oracles as shippedOracles, type Oracle } from '@pfo-workbench/oracle'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { BuildDepth, Engine, Scenario } from '@pfo-workbench/run'
import { hashOf } from '@pfo-workbench/code'
import { exerciseOf, type RealmKind, type StatementExercise } from '@pfo-workbench/variant'
import pLimit, { type LimitFunction } from 'p-limit'
import { Builds, type Build, type BuiltStack } from './builds.ts'
import { ResultCache, type ResultOrigin } from './cache.ts'
import type { VariantStatus } from '../comparison.ts'
import type { ExaminedRun } from './examined-schema.ts'
import { limitResults } from './limit-results.ts'
import {
  areShipped,
  jobText,
  playInProcess,
  type IsEnough,
  type KeptRun,
  type KeyedJob,
  type ProcessEnd,
  type ProcessJobs,
} from './play-in-process.ts'
import type { Stack } from '../stacks.ts'
import { codeVersion } from './code-version.ts'

/** The result of a stack of patches. */
export interface PlayedVariant {
  readonly stack: Stack
  readonly status: VariantStatus
  /** Explanation of a status other than `ok`. */
  readonly reason: string | null
  /** Hash of the patched sources, or of the patches if they do not apply. */
  readonly hash: string
  /** The changed statements and the scenarios in which each ran. */
  readonly exercise: readonly StatementExercise[]
  /** Scenarios whose coverage is unknown because the run killed its process. */
  readonly exerciseUnknown: readonly string[]
  /** The kernel functions with changed statements; null for changed code that appears in no call chain. */
  readonly changedFunctions: readonly (string | null)[]
  /** By scenario; null for a run that timed out, absent for one that crashed or was not played. */
  readonly runs: ReadonlyMap<string, ExaminedRun | null>
}

/** Reports the current activity and the number of runs that it finished. */
type PlayProgress = (doing: string, finished: number) => void

/** Options for playing a stack. */
export interface PlayOptions {
  readonly onProgress?: PlayProgress
  /** `bundled` skips the type check of the patched models; default: `checked`. */
  readonly depth?: Exclude<BuildDepth, 'applied'>
  /** Called with each run, cached ones first. If it returns true, no further scenario is played; default: play all. */
  readonly isEnough?: IsEnough
}

/** The cache for results, and a function that reports problems with it. */
export interface CacheOptions {
  readonly folder: string
  /** Called once if the folder is unusable. */
  readonly warn: (message: string) => void
}

/** Starting a process takes as long as playing a few scenarios, so fewer than these are not worth one. */
const scenariosPerProcess = 8

/** The inputs of all results, besides patches and scenarios. */
export function originOfResults(engine: Engine<PatchSeries>): ResultOrigin {
  return { tool: codeVersion(), engine: engine.origin }
}

/** Opens the cache for results of an engine; null if there is none. */
export async function openCache(
  engine: Engine<PatchSeries>,
  options: CacheOptions | undefined,
): Promise<ResultCache | null> {
  if (options === undefined) return null
  const cache = new ResultCache(options.folder, originOfResults(engine), options.warn)
  await cache.reclaim()
  await limitResults(options.folder)
  return cache
}

/** Options of a player. */
export interface PlayerOptions {
  /** Builds variants. */
  readonly engine: Engine<PatchSeries>
  /** Null disables the cache. */
  readonly cache?: ResultCache | null | undefined
  /** Number of processes at the same time. Each plays scenarios of one variant. */
  readonly jobs: number
  /**
   * Oracles to apply. Runs are cached only for the shipped oracles, because the code of other oracles is not part of
   * the key.
   */
  readonly oracles?: readonly Oracle[] | undefined
  /** Aborts everything. */
  readonly signal?: AbortSignal | undefined
}

/** Builds variants and plays scenarios on them, unless the results are cached. */
export class Player {
  readonly #builds: Builds
  readonly #jobs: number
  readonly #realm: RealmKind
  /** Cache of runs; null if runs are not cached. */
  readonly #cache: ResultCache | null
  readonly #oracles: readonly Oracle[]
  readonly #signal: AbortSignal | undefined
  /** Work in progress. */
  readonly #working = new Set<Promise<unknown>>()
  #isLasting = true

  /** Limits the number of simultaneous processes. Building a program does not wait for a turn. */
  readonly #turn: LimitFunction

  constructor({ engine, cache = null, jobs, oracles = shippedOracles, signal }: PlayerOptions) {
    this.#turn = pLimit(jobs)
    this.#jobs = jobs
    this.#realm = engine.realm ?? 'closed'
    this.#oracles = oracles
    this.#signal = signal
    this.#cache = areShipped(oracles) ? cache : null
    this.#builds = new Builds(engine, cache, signal)
  }

  /** False if a build or a run timed out or crashed: the machine may have caused it. */
  get isLasting(): boolean {
    return this.#isLasting && this.#builds.isLasting
  }

  /** Waits until all work in progress has succeeded or failed. */
  async settled(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled(this.#working)
  }

  async #watch<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work)
    try {
      return await work
    } finally {
      this.#working.delete(work)
    }
  }

  /** Applies the patches of a stack, and checks the result if requested. */
  async build(stack: Stack, depth: BuildDepth): Promise<Build> {
    return this.#watch(
      this.#builds.build(stack, depth).then(async (built) => {
        await this.#builds.keepProgram(stack)
        return built
      }),
    )
  }

  /** Builds the variant of a stack and plays scenarios on it, in one sandbox, or in several if processors are idle. */
  async play(
    stack: Stack,
    scenarios: readonly Scenario[],
    options: PlayOptions = {},
  ): Promise<PlayedVariant> {
    return this.#watch(this.#play(stack, scenarios, options))
  }

  async #play(
    stack: Stack,
    scenarios: readonly Scenario[],
    { onProgress = () => undefined, depth = 'checked', isEnough }: PlayOptions,
  ): Promise<PlayedVariant> {
    this.#signal?.throwIfAborted()
    onProgress(depth === 'checked' ? 'applying and checking' : 'applying', 0)
    const built = await this.#builds.build(stack, depth)
    const { status, reason, hash } = built
    if (status !== 'ok') {
      onProgress(status, scenarios.length)
      const nothing = { exercise: [], exerciseUnknown: [], changedFunctions: [] }
      return { stack, status, reason, hash, ...nothing, runs: new Map() }
    }
    const jobs = scenarios.map((scenario): KeyedJob => {
      const want = areShipped(this.#oracles) ? 'findings' : 'record'
      const text = jobText(scenario, { want, trace: false })
      return { scenario: scenario.id, text, key: hashOf([hash, text]) }
    })
    const known = new Map<string, KeptRun>()
    let isDone = false
    for (const { scenario, key } of jobs) {
      const kept = (await this.#cache?.get('run', key)) as KeptRun | null | undefined
      if (kept == null) continue
      known.set(scenario, kept)
      isDone = isEnough?.(scenario, kept.run) === true
      if (isDone) break
    }
    const missing = isDone ? [] : jobs.filter(({ scenario }) => !known.has(scenario))
    if (known.size > 0) onProgress(`knew ${String(known.size)}/${String(scenarios.length)}`, known.size)
    return this.#run(stack, built, { all: jobs, missing, known }, { onProgress, isEnough })
  }

  /**
   * The number of processes for the missing scenarios of one variant: more than one only if no other variant is in
   * progress, and if the order of the results does not matter.
   */
  #processesFor({ missing }: Jobs, { isEnough }: RunOptions): number {
    if (isEnough !== undefined || this.#working.size > 1) return 1
    return Math.max(1, Math.min(this.#jobs, Math.floor(missing.length / scenariosPerProcess)))
  }

  /** Runs the missing scenarios until the caller has enough. Adds completed runs to `known`. */
  async #runMissing(program: string, jobs: Jobs, options: RunOptions): Promise<ProcessEnd> {
    const { missing, known } = jobs
    const size = Math.ceil(missing.length / this.#processesFor(jobs, options))
    let done = 0
    const { onProgress, isEnough } = options
    const ended = (): void => {
      onProgress(`ran ${String(++done)}/${String(missing.length)}`, 1)
    }
    // A process that cannot go on stops the others.
    const failed = new AbortController()
    const signal = AbortSignal.any([failed.signal, ...(this.#signal === undefined ? [] : [this.#signal])])
    const parts: Promise<ProcessEnd>[] = []
    for (let first = 0; first < missing.length; first += size) {
      const own = missing.slice(first, first + size)
      const part = { jobs: own, share: own.length / missing.length, signal, known, ended, isEnough }
      parts.push(this.#watch(this.#turn(async () => this.#playInProcess(program, part))))
    }
    for (const part of parts)
      part.catch((fault: unknown) => {
        failed.abort(fault)
      })
    const ran = await Promise.all(parts)
    return {
      status:
        (['crashed', 'timeout'] as const).find((one) => ran.some(({ status }) => status === one)) ?? 'ok',
      reason: ran.find(({ reason }) => reason !== null)?.reason ?? null,
      timedOut: ran.flatMap(({ timedOut }) => timedOut),
      died: new Map(ran.flatMap(({ died }) => [...died])),
    }
  }

  async #run(stack: Stack, built: BuiltStack, jobs: Jobs, options: RunOptions): Promise<PlayedVariant> {
    const { all, missing, known } = jobs
    const program = missing.length === 0 ? '' : await this.#builds.program(stack, built)
    // From the first run on, this process only waits for the other runs, so it has time to store the program.
    let keeping: Promise<void> | undefined
    const { status, reason, timedOut, died } = await this.#runMissing(program, jobs, {
      ...options,
      onProgress: (doing, finished) => {
        options.onProgress(doing, finished)
        keeping ??= this.#builds.keepProgram(stack)
      },
    })
    await (keeping ?? this.#builds.keepProgram(stack))
    const hits = all.map(
      ({ scenario }) => [scenario, known.get(scenario)?.hits ?? died.get(scenario) ?? null] as const,
    )
    const exercise = exerciseOf(built.statements, hits)
    const exerciseUnknown = [...died].flatMap(([scenario, own]) => (own === null ? [scenario] : []))
    const runs = all.flatMap(({ scenario }): [string, ExaminedRun | null][] => {
      const run = known.get(scenario)?.run
      if (run !== undefined) return [[scenario, run]]
      return timedOut.includes(scenario) ? [[scenario, null]] : []
    })
    const { hash, changedFunctions } = built
    return { stack, status, reason, hash, exercise, exerciseUnknown, changedFunctions, runs: new Map(runs) }
  }

  async #playInProcess(program: string, jobs: ProcessJobs): Promise<ProcessEnd> {
    const options = { realm: this.#realm, oracles: this.#oracles, cache: this.#cache }
    const end = await playInProcess(program, jobs, options)
    if (end.died.size > 0) this.#isLasting = false
    return end
  }
}

/**
 * The jobs of a variant: all of them, those to run, and the results by scenario. Completed runs are added to `known`.
 */
interface Jobs {
  readonly all: readonly KeyedJob[]
  readonly missing: readonly KeyedJob[]
  readonly known: Map<string, KeptRun>
}

interface RunOptions {
  readonly onProgress: PlayProgress
  readonly isEnough: IsEnough | undefined
}
