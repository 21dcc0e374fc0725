// SPDX-License-Identifier: GPL-2.0-only
import {
  engineModule,
  loadDevicetree,
  parseRunRecord,
  RunRecordError,
  type EngineJob,
  type RunRecord,
  type Scenario,
} from '@pfo-workbench/scenario'
import {
  isExercised,
  runInSandbox,
  VariantBuilder,
  type JobResult,
  type Variant,
} from '@pfo-workbench/variant'
import type { VariantStatus } from './comparison.ts'
import { modelPackages } from './models.ts'
import type { Stack } from './stacks.ts'

/** One scenario on one variant; no record if it ran out of time. */
export interface PlayedScenario {
  readonly scenario: string
  readonly record: RunRecord | null
}

/** What became of a stack of patches. */
export interface PlayedVariant {
  readonly stack: Stack
  readonly status: VariantStatus
  /** Why the status is not `ok`. */
  readonly reason: string | null
  readonly exercised: boolean
  readonly runs: readonly PlayedScenario[]
}

/** Says what is being done, and how many runs were finished by it. */
export type PlayProgress = (doing: string, finished: number) => void

/** Builds variants and plays scenarios on them. */
export class Player {
  readonly #builder: VariantBuilder

  private constructor(builder: VariantBuilder) {
    this.#builder = builder
  }

  static async create(): Promise<Player> {
    return new Player(await VariantBuilder.create({ models: modelPackages(), engine: engineModule }))
  }

  /**
   * Builds the variant of a stack and plays scenarios on it, one after the other in one sandbox.
   *
   * @param trace - whether the records hold every event, or those that oracles look at
   */
  async play(
    stack: Stack,
    scenarios: readonly Scenario[],
    trace: boolean,
    onProgress: PlayProgress = () => undefined,
  ): Promise<PlayedVariant> {
    onProgress('applying and checking', 0)
    const variant = await this.#builder.build(stack)
    if (variant.status !== 'ok' || variant.bundle === undefined) {
      onProgress(variant.status, scenarios.length)
      return { stack, status: variant.status, reason: variant.reason ?? '', exercised: false, runs: [] }
    }
    return this.#run(stack, variant, variant.bundle, scenarios, trace, onProgress)
  }

  async #run(
    stack: Stack,
    variant: Variant,
    bundle: string,
    scenarios: readonly Scenario[],
    trace: boolean,
    onProgress: PlayProgress,
  ): Promise<PlayedVariant> {
    const jobs = scenarios.map((scenario) => JSON.stringify(jobOf(scenario, trace)))
    const runs: PlayedScenario[] = []
    const hits = new Set<number>()
    let status: VariantStatus = 'ok'
    let reason: string | null = null
    let next = 0
    for await (const result of runInSandbox(bundle, jobs)) {
      const scenario = scenarios[next++]
      if (scenario === undefined) break
      for (const hit of result.hits) hits.add(hit)
      const played = readResult(result)
      if (played.status !== 'crashed') runs.push({ scenario: scenario.id, record: played.record })
      if (played.status !== 'ok') {
        status = status === 'crashed' ? status : played.status
        reason ??= `${scenario.id}: ${played.reason}`
      }
      onProgress(`ran ${String(next)}/${String(scenarios.length)}`, 1)
    }
    // A job that died took with it what is known of its lines.
    const exercised = stack.patches.length === 0 || status !== 'ok' || isExercised(variant, hits)
    return { stack, status, reason, exercised, runs }
  }

  async dispose(): Promise<void> {
    await this.#builder.dispose()
  }
}

type Result =
  | { readonly status: 'ok'; readonly record: RunRecord }
  | { readonly status: 'timeout'; readonly record: null; readonly reason: string }
  | { readonly status: 'crashed'; readonly reason: string }

function readResult(result: JobResult): Result {
  if (result.status !== 'ok') {
    const { status, reason } = result
    return status === 'timeout' ? { status, record: null, reason } : { status, reason }
  }
  try {
    return { status: 'ok', record: parseRunRecord(result.output) }
  } catch (fault) {
    if (fault instanceof RunRecordError) return { status: 'crashed', reason: fault.message }
    throw fault
  }
}

function jobOf(scenario: Scenario, trace: boolean): EngineJob {
  const devicetree = loadDevicetree(scenario)
  return { scenario, trace, devicetree: devicetree === null ? null : [...devicetree] }
}

/** One run, or why there is none. */
export type OneRun =
  | { readonly status: 'ok'; readonly run: RunRecord }
  | { readonly status: Exclude<VariantStatus, 'ok'>; readonly reason: string }

/** Plays one scenario on one stack. */
export async function runOne(stack: Stack, scenario: Scenario, trace: boolean): Promise<OneRun> {
  const player = await Player.create()
  try {
    const played = await player.play(stack, [scenario], trace)
    const record = played.runs[0]?.record ?? null
    if (record !== null) return { status: 'ok', run: record }
    return { status: played.status === 'ok' ? 'crashed' : played.status, reason: played.reason ?? '' }
  } finally {
    await player.dispose()
  }
}
