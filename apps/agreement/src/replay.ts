// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { baselineStack, modelPackages, SeriesError, stackOfId, type Stack } from '@pfo-workbench/compare'
import {
  compareFacts,
  jobOf,
  type Comparison,
  type NotReplayed,
  type Recording,
  type ReplayedRun,
} from '@pfo-workbench/conformance'
import { runInSandbox, VariantBuilder } from '@pfo-workbench/variant'

/** The module that replays recordings, as source: it is bundled with patched models. */
const replayEngine = fileURLToPath(new URL('./replay-engine.ts', conformanceSources()))

function conformanceSources(): URL {
  return new URL('../src/', import.meta.resolve('@pfo-workbench/conformance'))
}

/** What the recordings call the unpatched kernel. */
const recordedBaseline = 'base'

const patchFolder = fileURLToPath(new URL('../../../patches', import.meta.url))

/**
 * What the recordings of a variant are replayed on: for `a+b` the models with the shipped patches `a` and `b` applied, in this
 * order.
 *
 * @throws SeriesError for a patch that is not shipped
 */
export function stackOfVariant(variant: string): Stack {
  if (variant === recordedBaseline) return { ...baselineStack, id: variant }
  try {
    return stackOfId(patchFolder, variant)
  } catch (fault) {
    if (!(fault instanceof SeriesError)) throw fault
    throw new SeriesError(`recordings of variant ${variant} cannot be replayed: ${fault.message}`, {
      cause: fault,
    })
  }
}

/** What became of all recordings of one variant. */
export interface VariantAgreement {
  readonly comparisons: readonly Comparison[]
  readonly notReplayed: readonly NotReplayed[]
}

/** Builds variants and replays recordings on them. */
export class Replayer {
  readonly #builder: VariantBuilder

  private constructor(builder: VariantBuilder) {
    this.#builder = builder
  }

  static async create(): Promise<Replayer> {
    return new Replayer(await VariantBuilder.create({ models: modelPackages(), engine: replayEngine }))
  }

  /**
   * Replays the recordings of one variant, each on a freshly booted machine.
   *
   * @param variant - id as in the recordings: `base`, a patch id, or ids joined by `+`
   * @throws SeriesError for a patch that is not shipped
   */
  async replay(variant: string, recordings: readonly Recording[]): Promise<VariantAgreement> {
    const built = await this.#builder.build(stackOfVariant(variant))
    if (built.bundle === undefined) {
      const reason = `${built.status}: ${built.reason ?? ''}`
      return {
        comparisons: [],
        notReplayed: recordings.map(({ scenario }) => ({ variant, scenario, reason })),
      }
    }
    const jobs = recordings.map((recording) => JSON.stringify(jobOf(recording)))
    const comparisons: Comparison[] = []
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
    return { comparisons, notReplayed }
  }

  async dispose(): Promise<void> {
    await this.#builder.dispose()
  }
}
