// SPDX-License-Identifier: GPL-2.0-only
import type { ExaminedRun } from './play/examined-schema.ts'
import type { PlayedVariant } from './play/player.ts'

/**
 * Keeps one copy of equal data. Most findings, console outputs and step results are those of the unpatched kernel, so
 * many variants fit into memory.
 */
export class Interner {
  readonly #known = new Map<string, unknown>()

  #one<T>(value: T): T {
    const text = JSON.stringify(value)
    const known = this.#known.get(text)
    if (known !== undefined) return known as T
    this.#known.set(text, value)
    return value
  }

  #run(run: ExaminedRun): ExaminedRun {
    return {
      ...run,
      findings: run.findings.map((one) => this.#one(one)),
      console: this.#one(run.console),
      steps: this.#one(run.steps),
      assumed: this.#one(run.assumed),
    }
  }

  /** Returns an equal variant whose runs share equal data with the variants before it. */
  variant(played: PlayedVariant): PlayedVariant {
    const runs = [...played.runs].map(([scenario, run]) => [scenario, run && this.#run(run)] as const)
    return { ...played, runs: new Map(runs) }
  }
}
