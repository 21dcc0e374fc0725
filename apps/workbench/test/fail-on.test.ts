// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildCommand, pfo, root } from './support.ts'

beforeAll(buildCommand, 120_000)

/**
 * Correct patches in `patches`. Each has a wrong twin in `test/bad-patches`, and a scenario that shows what is wrong.
 */
const twins = [
  ['rng-put', 'rng-put-twice', 'lpm-thrice-hierarchy'],
  ['driver-puts', 'driver-puts-twice', 'lpm-thrice-hierarchy'],
  ['cc-property-name', 'cc-property-name-put-twice', 'memory-pressure-property-name'],
] as const

describe('pfo compare --fail-on introduced', () => {
  it('exits with 0 for correct patches, in the standard scenarios', async () => {
    const files = twins.map(([id]) => join(root, 'patches', `${id}.patch`))
    const { code, stderr } = await pfo('compare', ...files, '--fail-on', 'introduced')
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('introduce')])
  }, 600_000)

  it.each(twins)(
    'exits with 1 for the wrong twin of %s, %s',
    async (_, twin, scenario) => {
      const file = join(root, 'test/bad-patches', `${twin}.patch`)
      const { code, stdout } = await pfo('compare', file, '--scenario', scenario, '--fail-on', 'introduced')
      expect([code, stdout]).toEqual([1, expect.stringContaining(twin)])
    },
    300_000,
  )

  it.each(twins)(
    'exits with 0 for %s where its twin does not',
    async (id, _, scenario) => {
      const file = join(root, 'patches', `${id}.patch`)
      expect((await pfo('compare', file, '--scenario', scenario, '--fail-on', 'introduced')).code).toBe(0)
    },
    300_000,
  )
})
