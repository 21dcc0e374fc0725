// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import { expect, it } from 'vitest'
import { cachedComparison } from '../src/cached-comparison.ts'
import { ResultCache } from '../src/play/cache.ts'
import type { Comparison } from '../src/index.ts'
import { folderWith } from './support.ts'

const scenario: Scenario = { id: 'x', title: 'x', machine: {}, steps: [] } as unknown as Scenario

const comparison = { kernel: 'k', variants: [], cells: [] } as unknown as Comparison

/** Makes the same comparison twice, and returns how often it had to be made. */
async function timesMade(isLasting: boolean, scenarios: readonly Scenario[]): Promise<number> {
  const cache = new ResultCache(folderWith({}), { tool: 't', engine: 'e' }, () => undefined)
  let times = 0
  const inputs = { stacks: [], scenarios, interactions: true, depth: 'checked' }
  for (let round = 0; round < 2; round++)
    await cachedComparison(cache, { stories: false, inputs }, async () => {
      times++
      return Promise.resolve({ comparison, isLasting })
    })
  return times
}

it('a comparison is made once', async () => {
  expect(await timesMade(true, [scenario])).toBe(1)
})

it('a comparison in which something timed out or crashed is made again', async () => {
  expect(await timesMade(false, [scenario])).toBe(2)
})

it('a comparison that would take much memory is not cached', async () => {
  expect(await timesMade(true, new Array<Scenario>(1_001).fill(scenario))).toBe(2)
})
