// SPDX-License-Identifier: GPL-2.0-only
import { compare, type Comparison } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stackOfEdits } from '../support/edits.ts'
import { driverPatches } from './drivers.ts'
import { ofPatches } from './of.ts'
import { pseriesPatches } from './pseries.ts'

const patches = [...ofPatches, ...pseriesPatches, ...driverPatches]

const engine = new ModelEngine()
afterAll(async () => engine[Symbol.asyncDispose]())

describe('a bad patch', () => {
  let comparison: Comparison
  beforeAll(async () => {
    const wanted = new Set(patches.map(({ finding }) => finding[3]))
    comparison = await compare({
      engine,
      stacks: patches.map(({ id, title, edits }) => stackOfEdits(engine, id, title, edits)),
      scenarios: shippedScenarios().filter(({ id }) => wanted.has(id)),
      interactions: false,
      depth: 'bundled',
    })
  }, 900_000)

  it.each(patches)('is noticed for what it does: $title', ({ id, finding }) => {
    const [oracle, kind, subject, scenario] = finding
    const variant = comparison.variants.find((one) => one.id === id)
    expect(variant).toMatchObject({ status: 'ok', exercised: true })
    expect(variant?.introduced).toBeGreaterThan(0)
    const cell = comparison.cells.find((one) => one.variant === id && one.scenario === scenario)
    const introduced = (cell?.findings ?? []).filter(({ status }) => status === 'introduced')
    expect(introduced).toContainEqual(
      expect.objectContaining({
        oracle,
        kind,
        subject: typeof subject === 'string' ? subject : (expect.stringMatching(subject) as unknown),
      }),
    )
  })

  it('never ranks above the unpatched kernel', () => {
    const rankOf = (id: string): number => comparison.variants.find((one) => one.id === id)?.rank ?? 0
    for (const { id } of patches) expect(rankOf(id), id).toBeGreaterThan(rankOf(comparison.baseline))
  })
})
