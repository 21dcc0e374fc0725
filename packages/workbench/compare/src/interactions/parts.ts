// SPDX-License-Identifier: GPL-2.0-only
import { findingKey } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/run'
import type { ExaminedRun } from '../play/examined.ts'
import type { IsEnough, PlayedVariant } from '../play/player.ts'
import type { Stack } from '../stacks.ts'

/** Plays scenarios on a stack, one after the other until it is enough. */
export type Play = (
  stack: Stack,
  scenarios: readonly Scenario[],
  isEnough: IsEnough,
) => Promise<Pick<PlayedVariant, 'status'>>

/** A stack that is played as far as somebody has to know. */
export class Part {
  readonly stack: Stack
  readonly #play: Play
  readonly #runs = new Map<string, ExaminedRun | null>()
  #status: PlayedVariant['status'] = 'ok'
  /** The end of what was asked for last: nothing is played twice. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(stack: Stack, play: Play) {
    this.stack = stack
    this.#play = play
  }

  /** One that was played before, in all scenarios. */
  static known({ stack, status, runs }: PlayedVariant, scenarios: readonly Scenario[], play: Play): Part {
    const part = new Part(stack, play)
    part.#status = status
    for (const { id } of scenarios) part.#runs.set(id, runs.get(id) ?? null)
    return part
  }

  /** The ids of the patches. */
  get ids(): string[] {
    return this.stack.patches.map(({ id }) => id)
  }

  /** Plays these scenarios, unless they were played, until it is enough. */
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
    // What cannot be played at all is not tried again.
    if (this.#runs.size === before) for (const { id } of scenarios) this.#runs.set(id, null)
  }

  /** `ok` unless something went wrong in what was played until now. */
  get status(): PlayedVariant['status'] {
    return this.#status
  }

  /** Whether it was tried to play this scenario. */
  wasPlayedIn(scenario: string): boolean {
    return this.#runs.has(scenario)
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

/**
 * Where a part does something else than another, as far as findings tell. It is played until it does: one difference is enough.
 *
 * @param known - was played in all of these scenarios, to their ends
 * @param scenarios - first those in which a difference is likely
 * @returns the scenario that tells; null if the two do the same in all, so that the part neither crashed nor took too long
 */
export async function firstDifference(
  part: Part,
  known: Part,
  scenarios: readonly Scenario[],
): Promise<Scenario | null> {
  const differs = (id: string, run: ExaminedRun | null): boolean =>
    signature(run) !== signature(known.runIn(id))
  await part.playIn(scenarios, differs)
  const difference = scenarios.find(({ id }) => part.wasPlayedIn(id) && differs(id, part.runIn(id)))
  if (difference !== undefined || part.status === 'ok') return difference ?? null
  // Of what did not come to its end nobody can say that it is the same, even if the other one did not either.
  return scenarios.find(({ id }) => part.runIn(id) === null) ?? null
}

/** Where a part is known to do something else than another. */
export function differsFrom(one: Part, other: Part): (scenario: Scenario) => boolean {
  return ({ id }) => {
    const [run, same] = [one.runIn(id), other.runIn(id)]
    return run !== null && same !== null && signature(run) !== signature(same)
  }
}
