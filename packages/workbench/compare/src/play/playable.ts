// SPDX-License-Identifier: GPL-2.0-only
import { InputError } from '@pfo-workbench/errors'
import type { Engine, Scenario } from '@pfo-workbench/run'
import type { LeftOutScenario } from '../comparison.ts'

/** The engine can play none of the scenarios; the message says why. */
export class NoPlayableScenarioError extends InputError {
  override readonly name = 'NoPlayableScenarioError'
}

/**
 * Splits scenarios into those that an engine can play and those that it refuses.
 *
 * @throws NoPlayableScenarioError if there are scenarios, but none can be played
 */
export function playableOf(
  engine: Pick<Engine<never>, 'kernel' | 'refuses'>,
  scenarios: readonly Scenario[],
): { readonly playable: readonly Scenario[]; readonly leftOut: readonly LeftOutScenario[] } {
  const leftOut = scenarios.flatMap((scenario): LeftOutScenario[] => {
    const { id, title } = scenario
    const reason = engine.refuses(scenario)
    return reason === null ? [] : [{ id, title, reason }]
  })
  const playable = scenarios.filter(({ id }) => !leftOut.some((one) => one.id === id))
  const [first] = leftOut
  if (playable.length > 0 || first === undefined) return { playable, leftOut }
  const others =
    leftOut.length === 1 ? '' : `; the other scenarios (${String(leftOut.length - 1)}) are refused too`
  throw new NoPlayableScenarioError(
    `${first.id} cannot be played on ${engine.kernel}: ${first.reason}${others}`,
  )
}
