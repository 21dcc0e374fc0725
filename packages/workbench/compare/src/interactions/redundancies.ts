// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import type { Interaction } from '../interaction.ts'
import { differsFrom, firstDifference } from './lazy-stack-runs.ts'
import type { StackPlayer, StackDecomposition } from './stack-decomposition.ts'

/** Finds patches without which the stack has the same findings. */
export async function findRedundancies(
  apart: StackDecomposition,
  stackPlayer: StackPlayer,
): Promise<Interaction[]> {
  const { variant, unpatched, parts, without, scenarios } = apart
  const found: Interaction[] = []
  /** Scenarios that showed a difference for other patches, latest first. */
  const missed: Scenario[] = []
  for (const [index, id] of variant.ids.entries()) {
    const [alone, rest] = [parts[index], without[index]]
    if (alone === undefined || rest === undefined) continue
    // First try scenarios that already showed a difference: they exercise much of the stack. Next, those in which the
    // patch alone has an effect.
    const order = new Set([...missed, ...scenarios.filter(differsFrom(alone, unpatched)), ...scenarios])
    const difference = await firstDifference(rest, variant, [...order])
    if (difference !== null) {
      missed.unshift(difference)
      continue
    }
    // The stack was played without a type check: the other patches may not compile without this one.
    if ((await stackPlayer.build(rest.stack, 'checked')).status !== 'ok') continue
    const changesNothing = (await firstDifference(alone, unpatched, scenarios)) === null
    found.push({
      variant: variant.stack.id,
      kind: 'redundant',
      patches: [id],
      why: changesNothing ? 'changes-nothing' : 'others-do-it',
      others: rest.ids,
    })
  }
  return found
}
