// SPDX-License-Identifier: GPL-2.0-only
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { unpatchedStack, StackError, stackOfId, type Stack } from '@pfo-workbench/compare'
import {
  compareFacts,
  jobOf,
  type ReplayComparison,
  type NotReplayed,
  type Recording,
  type ReplayedRun,
} from '@pfo-workbench/conformance'
import { ModelEngine, modelPackages, VariantBuilder } from '@pfo-workbench/engine-models'
import { runInSandbox } from '@pfo-workbench/variant'
import pMap from 'p-map'

/** Source of the module that replays recordings. It is bundled with the patched models. */
const replayEngine = fileURLToPath(
  new URL('../src/replay-engine.ts', import.meta.resolve('@pfo-workbench/conformance')),
)

/** Name of the unpatched kernel in recordings. */
const recordedUnpatched = 'base'

/** Folder of the shipped patches. */
const patchFolder = fileURLToPath(new URL('../../../patches', import.meta.url))

/** The recordings of one variant, and the stack to replay them on. */
export interface VariantRecordings {
  readonly stack: Stack
  readonly recordings: readonly Recording[]
}

/**
 * Groups recordings by variant, in order of first appearance. Recordings of `base` are replayed on the unpatched
 * models, those of `a+b` on models with the shipped patches `a` and `b` applied in this order. Recordings with a patch
 * that is not shipped go to `unknown`.
 */
export function byVariant(recordings: readonly Recording[]): {
  readonly variants: VariantRecordings[]
  readonly unknown: NotReplayed[]
} {
  const variants: VariantRecordings[] = []
  const unknown: NotReplayed[] = []
  for (const variant of new Set(recordings.map((recording) => recording.variant))) {
    const own = recordings.filter((recording) => recording.variant === variant)
    try {
      variants.push({ stack: stackOf(variant), recordings: own })
    } catch (fault) {
      if (!(fault instanceof StackError)) throw fault
      const reason = `${fault.message}; or "${recordedUnpatched}" for the unpatched kernel`
      unknown.push(...own.map(({ scenario }) => ({ variant, scenario, reason })))
    }
  }
  return { variants, unknown }
}

function stackOf(variant: string): Stack {
  const engine = new ModelEngine()
  return variant === recordedUnpatched
    ? { ...unpatchedStack(engine), id: variant }
    : stackOfId(patchFolder, variant, engine)
}

/** Results for all recordings of one variant. */
export interface VariantAgreement {
  readonly variant: string
  readonly comparisons: readonly ReplayComparison[]
  readonly notReplayed: readonly NotReplayed[]
}

/** Builds variants and replays recordings on them. `dispose` removes its temporary files. */
export class Replayer {
  readonly #builder: VariantBuilder

  private constructor(builder: VariantBuilder) {
    this.#builder = builder
  }

  static async create(): Promise<Replayer> {
    const entry = `export { play } from ${JSON.stringify(replayEngine)}\n`
    return new Replayer(await VariantBuilder.create({ models: modelPackages(), entry }))
  }

  /** Replays recordings of all variants, several variants at a time. Results are in the order of `variants`. */
  async replayAll(variants: readonly VariantRecordings[]): Promise<VariantAgreement[]> {
    return pMap(variants, (one) => this.replay(one), { concurrency: availableParallelism() })
  }

  /** Replays the recordings of one variant, each on a freshly booted machine. */
  async replay({ stack, recordings }: VariantRecordings): Promise<VariantAgreement> {
    const variant = stack.id
    const built = await this.#builder.build(stack)
    if (built.bundle === undefined) {
      const reason = `${built.status}: ${built.reason ?? ''}`
      return {
        variant,
        comparisons: [],
        notReplayed: recordings.map(({ scenario }) => ({ variant, scenario, reason })),
      }
    }
    const jobs = recordings.map((recording) => JSON.stringify(jobOf(recording)))
    const comparisons: ReplayComparison[] = []
    const notReplayed: NotReplayed[] = []
    let next = 0
    for await (const result of runInSandbox(built.bundle, jobs)) {
      const recording = recordings[next++]
      if (recording === undefined) break
      if (result.status === 'ok') {
        comparisons.push(compareFacts(recording, JSON.parse(result.output) as ReplayedRun))
      } else {
        notReplayed.push({
          variant,
          scenario: recording.scenario,
          reason: `${result.status}: ${result.reason}`,
        })
      }
    }
    return { variant, comparisons, notReplayed }
  }

  async dispose(): Promise<void> {
    await this.#builder.dispose()
  }
}
