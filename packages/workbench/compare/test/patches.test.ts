// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findingKey } from '@pfo-workbench/oracle'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { beforeAll, describe, expect, it } from 'vitest'
import { compare, stackOfId, tally, unpatchedTotal, type Comparison } from '../src/index.ts'
import { engine, root, sharedCache } from './support.ts'

const folder = join(root, 'patches')
const ids = readdirSync(folder)
  .filter((file) => file.endsWith('.patch'))
  .map((file) => file.slice(0, -'.patch'.length))
  .sort()
const scenarios = shippedScenarios().filter(({ id }) => /^lpm-(twice-hierarchy|once-per-node)$/.test(id))

/**
 * Code of these patches runs only when devices are added and removed (which needs vio-notifier), when firmware changes
 * a property of an existing device, or when a module is unloaded.
 */
const needOthers = [
  'name40',
  'nx-crypto-forget-device',
  'nx842-free-counters',
  'nx842-take-updates',
  'vio-unregister-uaf',
]

describe('each shipped patch alone', () => {
  let comparison: Comparison
  beforeAll(async () => {
    comparison = await compare({
      engine,
      stacks: ids.map((id) => stackOfId(folder, id, engine)),
      scenarios,
      jobs: 2,
      cache: sharedCache,
    })
  }, 300_000)

  it('applies and passes the type checker', () => {
    const failed = comparison.variants.filter(({ status }) => status !== 'ok')
    expect(failed).toEqual([])
    expect(comparison.variants).toHaveLength(ids.length + 1)
  })

  it("adds up in every cell: the unpatched kernel's findings are fixed, kept or not reached", () => {
    for (const { variant, scenario, findings, outcome } of comparison.cells) {
      const unpatched = comparison.cells.find(
        (one) => one.variant === comparison.baseline && one.scenario === scenario,
      )
      const counts = tally(findings)
      expect(unpatchedTotal(counts), `${variant} in ${scenario}`).toBe(unpatched?.findings.length)
      // A completed run reached everything.
      if (outcome === 'completed') expect(counts.notReached, `${variant} in ${scenario}`).toBe(0)
    }
  })

  it('has no change if none of it ran', () => {
    for (const { id, exercised, changes } of comparison.variants)
      if (!exercised) expect([id, changes]).toEqual([id, 0])
  })

  it('runs in migrations, except for patches that need another patch', () => {
    const idle = comparison.variants.filter(({ exercised }) => !exercised).map(({ id }) => id)
    expect(idle).toEqual(needOthers)
  })
})

/**
 * The patches that all stacks below share. Each stack adds one that ignores the facilities and one for the phandle
 * cache.
 */
const sound = [
  'vio-notifier',
  'name40',
  'vio-unregister-uaf',
  'nx842-notifier-outside-probe',
  'nx842-take-updates',
  'nx842-free-counters',
  'driver-puts',
  'rng-put',
  'cc-property-name',
]

describe('the stacks that series.yaml calls the smallest', () => {
  it.each([
    ['ignore-pfo-children', 'cache-fix', /./],
    ['ignore-pfo-children', 'cache-off', /./],
    ['ignore-pfo', 'cache-fix', /^(?!.*per-node)/],
  ])(
    'leave no finding (%s and %s)',
    async (ignore, cache, where) => {
      const stack = stackOfId(folder, [ignore, cache, ...sound].join('+'), engine)
      const played = shippedScenarios().filter(({ id }) => where.test(id))
      const { variants, cells } = await compare({
        engine,
        stacks: [stack],
        scenarios: played,
        interactions: false,
        cache: sharedCache,
      })
      const left = cells
        .filter(({ variant }) => variant === stack.id)
        .flatMap(({ findings }) => findings.filter(({ status }) => status !== 'fixed').map(findingKey))
      expect(left).toEqual([])
      expect(variants[1]).toMatchObject({ status: 'ok', fixed: variants[0]?.kept })
    },
    300_000,
  )
})
