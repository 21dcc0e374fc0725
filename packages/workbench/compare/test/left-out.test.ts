// SPDX-License-Identifier: GPL-2.0-only
import { shippedScenarios } from '@pfo-workbench/scenario'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import { expect, it } from 'vitest'
import { compare, findMinimal, mergeComparisons, NoPlayableScenarioError } from '../src/index.ts'
import { engine } from './support.ts'

const reason = 'it is for another kernel'

/** The model engine, changed to refuse scenarios with these ids. */
function refusing(...ids: string[]): Engine<PatchSeries> {
  return {
    id: engine.id,
    kernel: engine.kernel,
    unpatched: engine.unpatched,
    origin: engine.origin,
    paths: engine.paths,
    readPatch: (input, source) => engine.readPatch(input, source),
    build: async (stack, options) => engine.build(stack, options),
    refuses: ({ id }) => (ids.includes(id) ? reason : null),
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  }
}

const wanted = ['lpm-once-hierarchy', 'lpm-once-per-node']
const scenarios = shippedScenarios().filter(({ id }) => wanted.includes(id))
const [first, second] = scenarios

it('a scenario that the engine refuses is left out with the reason, and the others are played', async () => {
  const {
    cells,
    leftOut,
    scenarios: played,
  } = await compare({
    engine: refusing('lpm-once-hierarchy'),
    stacks: [],
    scenarios,
  })
  expect(played.map(({ id }) => id)).toEqual(['lpm-once-per-node'])
  expect(cells.map(({ scenario }) => scenario)).toEqual(['lpm-once-per-node'])
  expect(leftOut).toEqual([{ id: 'lpm-once-hierarchy', title: first?.title, reason }])
})

it('if the engine refuses all scenarios, nothing is compared, and the error says why', async () => {
  const comparing = compare({ engine: refusing(...wanted), stacks: [], scenarios })
  await expect(comparing).rejects.toThrow(NoPlayableScenarioError)
  await expect(comparing).rejects.toThrow(
    `lpm-once-hierarchy cannot be played on ${engine.kernel}: ${reason}; the other scenarios (1) are refused too`,
  )
})

it('the search for minimal stacks leaves out the same scenarios', async () => {
  const { leftOut, scenarios: played } = await findMinimal({
    engine: refusing('lpm-once-per-node'),
    patches: [],
    scenarios,
  })
  expect(played).toEqual(['lpm-once-hierarchy'])
  expect(leftOut).toEqual([{ id: 'lpm-once-per-node', title: second?.title, reason }])
})

it('merging comparisons merges the scenarios that they leave out', async () => {
  const part = async (refused: string, of: typeof scenarios) =>
    compare({ engine: refusing(refused), stacks: [], scenarios: of })
  const others = shippedScenarios().filter(({ id }) => id === 'sysfs-after-lpm')
  const merged = mergeComparisons([
    await part('lpm-once-per-node', scenarios),
    await part('lpm-once-per-node', [...scenarios.slice(1), ...others]),
  ])
  expect(merged.leftOut?.map(({ id }) => id)).toEqual(['lpm-once-per-node'])
  expect(merged.scenarios.map(({ id }) => id)).toEqual(['lpm-once-hierarchy', 'sysfs-after-lpm'])
})
