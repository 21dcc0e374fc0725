// SPDX-License-Identifier: GPL-2.0-only
import { findingKey } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/run'
import type { PlayedResults } from '../cells.ts'
import type { RunResult } from '../play/examined-schema.ts'
import type { IsEnough } from '../play/play-in-process.ts'
import type { PlayedVariant } from '../play/player.ts'
import type { Stack } from '../stacks.ts'

/** Plays scenarios on a stack, one after the other, until the caller has enough. */
export type PlayInScenarios = (
  stack: Stack,
  scenarios: readonly Scenario[],
  isEnough: IsEnough,
) => Promise<Pick<PlayedVariant, 'status'>>

/** A stack that is played only in the scenarios that are needed. */
export class LazyStackRuns {
  readonly stack: Stack
  readonly #play: PlayInScenarios
  readonly #runs = new Map<string, RunResult | null>()
  #status: PlayedVariant['status'] = 'ok'
  /** End of the latest request. Requests run one at a time, so nothing is played twice. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(stack: Stack, play: PlayInScenarios) {
    this.stack = stack
    this.#play = play
  }

  /** Makes the runs of a stack that was already played in all scenarios. */
  static known(
    { stack, status, runs }: PlayedResults,
    scenarios: readonly Scenario[],
    play: PlayInScenarios,
  ): LazyStackRuns {
    const part = new LazyStackRuns(stack, play)
    part.#status = status
    for (const { id } of scenarios) part.#runs.set(id, runs.get(id) ?? null)
    return part
  }

  /** The ids of the patches. */
  get ids(): string[] {
    return this.stack.patches.map(({ id }) => id)
  }

  /** Plays the scenarios that have not been played, until the caller has enough results. */
  async playIn(scenarios: readonly Scenario[], isEnough: IsEnough = () => false): Promise<void> {
    this.#last = this.#last.then(async () => {
      const known = scenarios.filter(({ id }) => this.#runs.has(id))
      if (known.some(({ id }) => isEnough(id, this.runIn(id)))) return
      const missing = scenarios.filter((scenario) => !known.includes(scenario))
      if (missing.length > 0) await this.#playIn(missing, isEnough)
    })
    await this.#last
  }

  async #playIn(scenarios: readonly Scenario[], isEnough: IsEnough): Promise<void> {
    const before = this.#runs.size
    const { status } = await this.#play(this.stack, scenarios, (id, run) => {
      this.#runs.set(id, run)
      return isEnough(id, run)
    })
    if (this.#status === 'ok') this.#status = status
    // Do not retry a stack that cannot be played at all.
    if (this.#runs.size === before) for (const { id } of scenarios) this.#runs.set(id, null)
  }

  /** `ok` unless a run failed so far. */
  get status(): PlayedVariant['status'] {
    return this.#status
  }

  /** True if the scenario was tried. */
  wasPlayedIn(scenario: string): boolean {
    return this.#runs.has(scenario)
  }

  /** The run of a scenario; null if it crashed, timed out or was not played, or if the stack cannot be played. */
  runIn(scenario: string): RunResult | null {
    return this.#runs.get(scenario) ?? null
  }
}

/** A text that is equal for runs with the same outcome, findings and counts. */
function signature(run: RunResult | null): string {
  const findings = run?.findings.map((finding) => `${findingKey(finding)} ${String(finding.count)}`)
  return JSON.stringify([run?.outcome, findings?.sort()])
}

/**
 * Finds a scenario in which the findings of a part differ from those of another part. Plays the part only until it
 * finds one.
 *
 * @param known - already played in all these scenarios
 * @param scenarios - most likely ones first
 * @returns the scenario; null if both agree in all scenarios, and no run of the part crashed or timed out
 */
export async function firstDifference(
  part: LazyStackRuns,
  known: LazyStackRuns,
  scenarios: readonly Scenario[],
): Promise<Scenario | null> {
  const differs = (id: string, run: RunResult | null): boolean =>
    signature(run) !== signature(known.runIn(id))
  await part.playIn(scenarios, differs)
  const difference = scenarios.find(({ id }) => part.wasPlayedIn(id) && differs(id, part.runIn(id)))
  if (difference !== undefined || part.status === 'ok') return difference ?? null
  // Runs that did not end never count as equal, even if both did not end.
  return scenarios.find(({ id }) => part.runIn(id) === null) ?? null
}

/** Returns a predicate: true if the findings of the two parts are known to differ in a scenario. */
export function differsFrom(one: LazyStackRuns, other: LazyStackRuns): (scenario: Scenario) => boolean {
  return ({ id }) => {
    const [run, same] = [one.runIn(id), other.runIn(id)]
    return run !== null && same !== null && signature(run) !== signature(same)
  }
}
