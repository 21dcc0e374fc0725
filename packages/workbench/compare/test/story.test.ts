// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { parseSeries } from '@pfo-workbench/patch'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { modelPaths } from '@pfo-workbench/variant'
import { beforeAll, describe, expect, it } from 'vitest'
import { compare, stackOfId, type Cell, type Comparison } from '../src/index.ts'
import { root } from './support.ts'

const wipe = stackOfId(join(root, 'patches'), 'wipe')
const old = '/ibm,platform-facilities/ibm,random-v1[0]'

describe('a comparison tells reports', () => {
  let comparison: Comparison
  let cell: Cell

  beforeAll(async () => {
    const scenarios = shippedScenarios().filter(({ id }) => id === 'lpm-once-per-node')
    comparison = await compare({ stacks: [wipe], scenarios })
    cell = comparison.cells.find(({ variant }) => variant === 'wipe') as Cell
  }, 180_000)

  it('what each patch changes, as a diff that reads as the same change', () => {
    const [, { diffs } = { diffs: [] }] = comparison.variants
    expect(diffs.map(({ id, subject }) => [id, subject])).toEqual([['wipe', wipe.title]])
    const text = diffs[0]?.text ?? ''
    expect(text).toMatch(/^diff --git a\/packages\/models\/pseries\/src\/dlpar\.ts b\//)
    const strip = (series: ReturnType<typeof parseSeries>): unknown =>
      series.patches.map(({ files }) =>
        files.map((file) => ({ ...file, hunks: file.hunks.map((hunk) => ({ ...hunk, line: 0 })) })),
      )
    expect(strip(parseSeries(text, { source: 'a.patch', paths: modelPaths }))).toEqual(
      wipe.patches.flatMap((patch) => strip(patch.series)),
    )
  })

  it('what the steps did', () => {
    expect(cell.steps.map(({ index, title, result }) => [index, title, result])).toEqual([
      [0, 'boot', 'completed'],
      [1, expect.stringMatching(/^load /), expect.stringContaining('pseries_rng: ok')],
      [2, expect.stringMatching(/^migrate /), 'ok'],
    ])
  })

  it('how the device tree was before and after', () => {
    const { before, after } = cell.story?.trees ?? { before: [], after: [] }
    expect(before.find(({ node }) => node === old)).toMatchObject({ inTree: true, device: 'ibm,random-v1' })
    expect(after.find(({ node }) => node === old)).toMatchObject({
      inTree: false,
      flags: expect.arrayContaining(['OF_DETACHED']) as unknown,
      driver: 'pseries_rng',
    })
    expect(after.find(({ node }) => node === old.replace('[0]', '[1]'))).toMatchObject({ inTree: true })
  })

  it('how the references of each node came and went, up to what is left of them', () => {
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
