// SPDX-License-Identifier: GPL-2.0-only
import { ModelEngine } from '@pfo-workbench/engine-models'
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine, Scenario } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, describe, expect, it } from 'vitest'
import { compare, findMinimal, RefusedScenarioError, runOne, stackOfPatches } from '../src/index.ts'

const [played, refused] = shippedScenarios() as [Scenario, Scenario]

const models = new ModelEngine()
afterAll(async () => models[Symbol.asyncDispose]())

/** The models, but for one scenario that they have no way to play. */
const engine: Engine<PatchSeries> = new Proxy<Engine<PatchSeries>>(models, {
  get: (target, name): unknown => {
    if (name === 'refuses') return ({ id }: Scenario) => (id === refused.id ? 'it has no such machine' : null)
    const value: unknown = Reflect.get(target, name)
    return typeof value === 'function' ? (value as () => unknown).bind(target) : value
  },
})

describe('a scenario that the engine refuses', () => {
  const left = { id: refused.id, title: refused.title, reason: 'it has no such machine' }

  it('is left out of a comparison, which says so; the others are played', async () => {
    const comparison = await compare({ engine, stacks: [], scenarios: [played, refused] })
    expect(comparison.leftOut).toEqual([left])
    expect(comparison.scenarios.map(({ id }) => id)).toEqual([played.id])
    expect(comparison.cells.map(({ scenario }) => scenario)).toEqual([played.id])
  })

  it('is left out of the search for the smallest stacks', async () => {
    const found = await findMinimal({ engine, patches: [], scenarios: [refused, played] })
    expect(found).toMatchObject({ scenarios: [played.id], leftOut: [left] })
  })

  it('is an error where nothing else is to be played', async () => {
    const error = new RefusedScenarioError(
      `${refused.id} cannot be played on ${engine.kernel}: it has no such machine`,
    )
    await expect(compare({ engine, stacks: [], scenarios: [refused] })).rejects.toThrow(error)
    await expect(runOne(engine, stackOfPatches([]), refused, false)).rejects.toThrow(error)
  })

  it('is not spoken of where there is none', async () => {
    expect(await compare({ engine, stacks: [], scenarios: [played] })).not.toHaveProperty('leftOut')
  })
})
