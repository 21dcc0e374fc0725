// SPDX-License-Identifier: GPL-2.0-only
import { hashOf } from '@pfo-workbench/code'
import type { Scenario } from '@pfo-workbench/run'
import type { Cell, Comparison } from './comparison.ts'
import type { ResultCache } from './play/cache.ts'
import type { Stack } from './stacks.ts'

/** All inputs of a comparison, besides the code of the workbench and the engine. */
interface Inputs {
  readonly stacks: readonly Stack[]
  readonly scenarios: readonly Scenario[]
  readonly interactions: boolean
  readonly depth: string
}

/** Maximum number of cells of a cached comparison. The JSON text of 646 cells has 20 MB. */
const maxCells = 1_000

/** A comparison, and whether every machine would make the same comparison: no build and no run timed out or crashed. */
interface Made {
  readonly comparison: Comparison
  readonly isLasting: boolean
}

/**
 * Returns a comparison that was made before, or makes and caches it. Reading the finished comparison takes a fraction
 * of the time that reading and judging its runs takes. Stories are cached apart: most reports do not show them. Not
 * cached are comparisons with more than `maxCells` cells, and those that another machine may make differently.
 */
export async function cachedComparison(
  cache: ResultCache | null,
  { stories, inputs }: { readonly stories: boolean; readonly inputs: Inputs },
  make: () => Promise<Made>,
): Promise<Comparison> {
  const { stacks, scenarios } = inputs
  if (cache === null || (stacks.length + 1) * scenarios.length > maxCells) return (await make()).comparison
  const key = hashOf([JSON.stringify(inputs)])
  const known = (await cache.get('comparison', key)) as Comparison | null
  if (known !== null) {
    if (!stories) return known
    const told = (await cache.get('stories', key)) as Cell['story'][] | null
    if (told !== null)
      return { ...known, cells: known.cells.map((cell, at) => ({ ...cell, story: told[at] ?? null })) }
  }
  const { comparison, isLasting } = await make()
  if (!isLasting) return comparison
  const { cells } = comparison
  await cache.put('comparison', key, {
    ...comparison,
    cells: cells.map((cell) => ({ ...cell, story: null })),
  })
  if (stories)
    await cache.put(
      'stories',
      key,
      cells.map(({ story }) => story),
    )
  return comparison
}
