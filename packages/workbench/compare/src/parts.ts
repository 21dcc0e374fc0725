// SPDX-License-Identifier: GPL-2.0-only
import { findingKey } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/scenario'
import type { ExaminedRun } from './examined.ts'
import type { PlayedVariant } from './player.ts'
import type { Stack } from './stacks.ts'

/** Plays some scenarios on a stack. */
export type Play = (stack: Stack, scenarios: readonly Scenario[]) => Promise<PlayedVariant>

/** A stack that is played as far as somebody has to know. */
export class Part {
  readonly stack: Stack
  readonly #play: Play
  readonly #runs = new Map<string, ExaminedRun | null | undefined>()
  #status: PlayedVariant['status'] = 'ok'
  /** The end of what was asked for last: nothing is played twice. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(stack: Stack, play: Play) {
    this.stack = stack
    this.#play = play
  }

  /** One that was played before, in all scenarios. */
  static known(variant: PlayedVariant, scenarios: readonly Scenario[], play: Play): Part {
    const part = new Part(variant.stack, play)
    part.#take(variant, scenarios)
    return part
  }

  /** The ids of the patches. */
  get ids(): string[] {
    return this.stack.patches.map(({ id }) => id)
  }

  /** Plays these scenarios, unless they were played. */
  async playIn(scenarios: readonly Scenario[]): Promise<void> {
    this.#last = this.#last.then(async () => {
      const missing = scenarios.filter(({ id }) => !this.#runs.has(id))
      if (missing.length > 0) this.#take(await this.#play(this.stack, missing), missing)
    })
    await this.#last
  }

  #take({ status, runs }: PlayedVariant, scenarios: readonly Scenario[]): void {
    if (this.#status === 'ok') this.#status = status
    for (const { id } of scenarios) this.#runs.set(id, runs.get(id))
  }

  /** `ok` unless something went wrong in what was played until now. */
  get status(): PlayedVariant['status'] {
    return this.#status
  }

  /** A run that was played; nothing for one that crashed or took too long, or of a stack that cannot be played. */
  runIn(scenario: string): ExaminedRun | null {
    return this.#runs.get(scenario) ?? null
  }
}

/** All that happens in a run, as far as findings tell, as one text. */
function signature(run: ExaminedRun | null): string {
  const findings = run?.findings.map((finding) => `${findingKey(finding)} ${String(finding.count)}`)
  return JSON.stringify([run?.outcome, findings?.sort()])
}

const isSameIn = (one: Part, other: Part, { id }: Scenario): boolean =>
  signature(one.runIn(id)) === signature(other.runIn(id))

/** How many scenarios to play before looking whether they tell a difference. */
const few = 2

/**
 * Whether two parts do the same, as far as findings tell. They are played until they do not: one difference is enough.
 *
 * @param telling - for which scenarios a difference is likely; these are played first
 * @returns true only if neither crashed nor took too long
 */
export async function isSame(
  one: Part,
  other: Part,
  scenarios: readonly Scenario[],
  telling: (scenario: Scenario) => boolean = () => false,
): Promise<boolean> {
  const order = [
    ...scenarios.filter((scenario) => telling(scenario)),
    ...scenarios.filter((scenario) => !telling(scenario)),
  ]
  for (const some of [order.slice(0, few), order.slice(few)]) {
    await one.playIn(some)
    await other.playIn(some)
    if (one.status !== 'ok' || other.status !== 'ok') return false
    if (!some.every((scenario) => isSameIn(one, other, scenario))) return false
  }
  return true
}

/** Where a part is known to do something else than another. */
export function differsFrom(one: Part, other: Part): (scenario: Scenario) => boolean {
  return (scenario) =>
    one.runIn(scenario.id) !== null && other.runIn(scenario.id) !== null && !isSameIn(one, other, scenario)
}
