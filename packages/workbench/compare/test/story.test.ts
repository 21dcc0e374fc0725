// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import type { PatchSeries } from '@pfo-workbench/patch'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { beforeAll, describe, expect, it } from 'vitest'
import { compare, stackOfId, type Cell, type Comparison } from '../src/index.ts'
import { engine, root, sharedCache } from './support.ts'

const wipe = stackOfId(join(root, 'patches'), 'wipe', engine)
const old = '/ibm,platform-facilities/ibm,random-v1[0]'

describe('a comparison has data for reports:', () => {
  let comparison: Comparison
  let cell: Cell

  beforeAll(async () => {
    const scenarios = shippedScenarios().filter(({ id }) => id === 'lpm-once-per-node')
    comparison = await compare({ engine, stacks: [wipe], scenarios, cache: sharedCache })
    cell = comparison.cells.find(({ variant }) => variant === 'wipe') as Cell
  }, 180_000)

  it('the content of each patch, as a diff that parses to the same change', () => {
    const [, { diffs } = { diffs: [] }] = comparison.variants
    expect(diffs.map(({ id, subject }) => [id, subject])).toEqual([['wipe', wipe.title]])
    const text = diffs[0]?.text ?? ''
    expect(text).toMatch(/^diff --git a\/packages\/models\/pseries\/src\/dlpar\.ts b\//)
    const strip = (series: PatchSeries): unknown =>
      series.patches.map(({ files }) =>
        files.map((file) => ({ ...file, hunks: file.hunks.map((hunk) => ({ ...hunk, line: 0 })) })),
      )
    expect(strip(engine.readPatch(text, 'a.patch'))).toEqual(
      wipe.patches.flatMap((patch) => strip(patch.series)),
    )
  })

  it('the results of the steps', () => {
    expect(cell.steps.map(({ index, step, result }) => [index, step, result])).toEqual([
      [0, null, { kind: 'boot', outcome: 'completed' }],
      [
        1,
        { load: expect.arrayContaining(['pseries_rng']) as unknown },
        { kind: 'load', modules: expect.arrayContaining([{ module: 'pseries_rng', errno: 0 }]) as unknown },
      ],
      [2, { migrate: { readd: 'per-node' } }, { kind: 'migrate', errno: 0 }],
    ])
  })

  it('the device tree before and after', () => {
    const { before, after } = cell.story?.trees ?? { before: [], after: [] }
    expect(before.find(({ node }) => node === old)).toMatchObject({ inTree: true, device: 'ibm,random-v1' })
    expect(after.find(({ node }) => node === old)).toMatchObject({
      inTree: false,
      flags: expect.arrayContaining(['OF_DETACHED']) as unknown,
      driver: 'pseries_rng',
    })
    expect(after.find(({ node }) => node === old.replace('[0]', '[1]'))).toMatchObject({ inTree: true })
  })

  it('the references of each node as they were taken and dropped, up to the final count', () => {
    const counts = cell.story?.counts ?? []
    for (const { node, points } of counts) {
      const end = cell.story?.trees.after.find((one) => one.node === node)
      for (const [index, point] of points.entries()) {
        const before = points[index - 1]
        if (before !== undefined) expect(point.count).toBe(before.count + point.change)
      }
      if (end?.life === 'allocated') expect(points.at(-1)?.count).toBe(end.refcount)
    }
    expect(counts.map(({ node }) => node)).toContain(old)
    expect(counts.find(({ node }) => node === old)?.points.map(({ by }) => by)).toContain('delete_dt_node')
  })
})
