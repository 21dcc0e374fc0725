// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, type Comparison } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stackOfEdits } from '../support/edits.ts'
import { isLongRun } from '../support/long-run.ts'
import type { BadPatch } from './bad-patch.ts'
import { driverPatches } from './drivers.ts'
import { ofPatches } from './of.ts'
import { pseriesPatches } from './pseries.ts'

const patches = [...ofPatches, ...pseriesPatches, ...driverPatches]
const scenarios = [...new Set(patches.map(({ finding }) => finding[3]))]

/** Groups of scenarios and the patches that play them. In the long run, all patches play all scenarios. */
const groups: readonly { readonly played: readonly string[]; readonly patches: readonly BadPatch[] }[] =
  isLongRun
    ? [{ played: scenarios, patches }]
    : scenarios.map((scenario) => ({
        played: [scenario],
        patches: patches.filter(({ finding }) => finding[3] === scenario),
      }))

const engine = new ModelEngine()
/** The groups share one build of the unpatched kernel. */
const cache = mkdtempSync(join(tmpdir(), 'pfo-bad-patches-'))
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  rmSync(cache, { recursive: true })
})

describe('a bad patch', () => {
  const comparisons = new Map<string, Comparison>()
  beforeAll(async () => {
    for (const group of groups) {
      const comparison = await compare({
        engine,
        stacks: group.patches.map(({ id, title, edits }) => stackOfEdits(engine, id, title, edits)),
        scenarios: shippedScenarios('all').filter(({ id }) => group.played.includes(id)),
        interactions: false,
        depth: 'bundled',
        cache: {
          folder: cache,
          warn: (message) => {
            throw new Error(message)
          },
        },
      })
      for (const { id } of group.patches) comparisons.set(id, comparison)
    }
  }, 3_600_000)

  /** The comparison that contains a patch. */
  const comparisonOf = (id: string): Comparison => {
    const own = comparisons.get(id)
    if (own === undefined) throw new Error(`${id} was not compared`)
    return own
  }

  it.each(patches)('is detected by its effect: $title', ({ id, finding }) => {
    const [oracle, kind, subject, scenario] = finding
    const comparison = comparisonOf(id)
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
    for (const { id } of patches) {
      const { variants, baseline } = comparisonOf(id)
      const rankOf = (wanted: string): number => variants.find((one) => one.id === wanted)?.rank ?? 0
      expect(rankOf(id), id).toBeGreaterThan(rankOf(baseline))
    }
  })
})
