// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import pMap from 'p-map'
import type { Interaction } from '../interaction.ts'
import type { PlayedResults } from '../cells.ts'
import { stackKey, stackOfPatches, type Stack } from '../stacks.ts'
import { findCombinations } from './combinations.ts'
import { continuationsOf, notHiddenBy, findSeeminglyFixed } from './seemingly-fixed.ts'
import { findOrderDependencies } from './orders.ts'
import { LazyStackRuns } from './lazy-stack-runs.ts'
import { findRedundancies } from './redundancies.ts'
import type { StackPlayer, StackDecomposition } from './stack-decomposition.ts'

const partsOf = ({ patches }: Stack): Stack[] => patches.map((patch) => stackOfPatches([patch]))

const withoutEach = ({ patches }: Stack): Stack[] =>
  patches.map((patch) => stackOfPatches(patches.filter((other) => other !== patch)))

/** Returns a function that finds the runs of a stack. A stack that is a variant itself is already played. */
function partsAmong(
  variants: readonly PlayedResults[],
  scenarios: readonly Scenario[],
  { play }: StackPlayer,
): (stack: Stack) => LazyStackRuns {
  const known = new Map(
    variants.map((variant) => [stackKey(variant.stack), LazyStackRuns.known(variant, scenarios, play)]),
  )
  return (stack) => {
    const key = stackKey(stack)
    const part = known.get(key) ?? new LazyStackRuns(stack, play)
    known.set(key, part)
    return part
  }
}

/**
 * Finds the interactions between the patches of each variant, and between patches and findings.
 *
 * @param variants - the unpatched kernel first, each played in all scenarios
 * @param stackPlayer - builds and plays the other stacks that are needed
 * @returns in order of variants
 */
export async function findInteractions(
  variants: readonly PlayedResults[],
  scenarios: readonly Scenario[],
  stackPlayer: StackPlayer,
): Promise<Interaction[]> {
  const [unpatched, ...others] = variants
  if (unpatched === undefined) return []
  const continuations = continuationsOf(scenarios)
  const find = partsAmong(variants, scenarios, stackPlayer)
  const hiddenBy = (variant: PlayedResults): Interaction[] =>
    findSeeminglyFixed(variant, unpatched, continuations)
  const found = await pMap(
    others.filter(({ status }) => status === 'ok'),
    async (variant) => {
      const { stack } = variant
      if (stack.patches.length < 2) return hiddenBy(variant)
      const parts = partsOf(stack)
      const apart: StackDecomposition = {
        variant: find(stack),
        unpatched: find(unpatched.stack),
        parts: parts.map(find),
        without: withoutEach(stack).map(find),
        scenarios,
      }
      const keys = new Set(parts.map(stackKey))
      const named = others.filter((other) => keys.has(stackKey(other.stack)))
      return [
        ...(await findCombinations(apart)),
        ...(await findRedundancies(apart, stackPlayer)),
        ...notHiddenBy(named.map(hiddenBy), hiddenBy(variant)),
        ...(await findOrderDependencies(apart, variant.hash, stackPlayer)),
      ]
    },
    { concurrency: stackPlayer.jobs },
  )
  return found.flat()
}
