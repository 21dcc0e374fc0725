// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type * as variantPackage from '@pfo-workbench/variant'
import { compare, runOne, stackOfId, type Comparison } from '../src/index.ts'
import { diffAfter, engine, root, stackOf } from './support.ts'

/** Shorter time limits for variants, so that the test is fast. */
vi.mock('@pfo-workbench/variant', async (original) => {
  const variant = await original<typeof variantPackage>()
  const runInSandbox: typeof variant.runInSandbox = (bundle, jobs, limits, ...more) =>
    variant.runInSandbox(
      bundle,
      jobs,
      { ...variant.defaultLimits, ...limits, jobMilliseconds: 5_000 },
      ...more,
    )
  return { ...variant, runInSandbox }
})

const patches = join(root, 'patches')
const mobility = 'packages/models/pseries/src/mobility.ts'
const addNode = (added: string): string => diffAfter(mobility, 'function add_dt_node(', added)

const conflict = stackOf('conflict', addNode('  void drc_index'), addNode('  void parent_phandle'))

const stacks = [
  stackOf('endless', addNode('  while (Number.isFinite(drc_index)) continue')),
  conflict,
  stackOf('invalid', addNode("  const handle: number = 'none'")),
  stackOf(
    'crash',
    addNode("  if (Number.isFinite(drc_index)) throw new Error('a fault of the \\u001b[31mprogram')"),
  ),
  stackOf(
    'talkative',
    diffAfter(
      'packages/models/kernel/src/kernel/printk.ts',
      'export function printk(',
      '  fmt = fmt.padEnd(1 << 22)',
    ),
  ),
  stackOf('idle', diffAfter(mobility, 'function prrn_update_node(', '  void phandle')),
  stackOfId(patches, 'wipe', engine),
]

const scenarios = shippedScenarios().filter(({ id }) => id === 'lpm-once-hierarchy')

describe('a comparison in which some variants are broken', () => {
  let comparison: Comparison
  beforeAll(async () => {
    comparison = await compare({ engine, stacks, scenarios, jobs: 2 })
  }, 180_000)

  const of = (id: string) => ({
    variant: comparison.variants.find((variant) => variant.id === id),
    cells: comparison.cells.filter((cell) => cell.variant === id),
  })

  it('has complete results of the others', () => {
    for (const id of ['baseline', 'wipe']) {
      const { variant, cells } = of(id)
      expect(variant).toMatchObject({ status: 'ok', exercised: true, fixed: 0 })
      expect(variant?.kept).toBeGreaterThan(0)
      expect(cells).toMatchObject([{ scenario: 'lpm-once-hierarchy', outcome: 'completed' }])
      expect(cells[0]?.findings).toHaveLength((variant?.kept ?? 0) + (variant?.introduced ?? 0))
    }
  })

  it('reports the patch and the position for a stack that does not apply, and has no cell for it', () => {
    const { variant, cells } = of('conflict+conflict-2')
    expect(variant).toMatchObject({
      status: 'conflict',
      patches: ['conflict', 'conflict-2'],
      fixed: 0,
      kept: 0,
    })
    expect(variant?.reason).toMatch(/^patch conflict-2 .*mobility\.ts: hunk 1 of 1/)
    expect(cells).toEqual([])
  })

  it('reports the position for a variant that does not compile, and has no cell for it', () => {
    const { variant, cells } = of('invalid')
    expect(variant?.status).toBe('invalid')
    expect(variant?.reason).toMatch(/mobility\.ts:\d+: Type 'string' is not assignable to type 'number'/)
    expect(cells).toEqual([])
  })

  it('reports scenario and cause for a variant that crashes, and has no cell for that scenario', () => {
    const { variant, cells } = of('crash')
    expect(variant?.status).toBe('crashed')
    expect(variant?.reason).toMatch(
      /^lpm-once-hierarchy: Error: a fault of the .*program \(in add_dt_node < /,
    )
    expect(variant?.reason).not.toContain('\u001b')
    expect(cells).toEqual([])
  })

  it('reports a timeout for a variant that does not end, also in its cell', () => {
    const { variant, cells } = of('endless')
    expect(variant).toMatchObject({ status: 'timeout', exercised: true, fixed: 0, kept: 0 })
    expect(variant?.reason).toMatch(/^lpm-once-hierarchy: it ran longer than 5 s/)
    expect(cells).toEqual([
      {
        variant: 'endless',
        scenario: 'lpm-once-hierarchy',
        outcome: 'timeout',
        assumed: [],
        findings: of('baseline').cells[0]?.findings.map((finding) => ({ ...finding, status: 'not-reached' })),
        changes: [],
        console: [],
        steps: [],
        story: null,
      },
    ])
  })

  it('reports a variant that floods its console, and drops the flood', () => {
    const { variant, cells } = of('talkative')
    expect(variant).toMatchObject({
      status: 'crashed',
      reason: expect.stringMatching(/^lpm-once-hierarchy: the result is too long: \d+ bytes/) as string,
    })
    expect(cells).toEqual([])
  })

  it('reports that a variant whose changed statements never ran was not exercised', () => {
    expect(of('idle').variant).toMatchObject({
      status: 'ok',
      exercised: false,
      exercise: [{ scenarios: [] }],
      fixed: 0,
      introduced: 0,
    })
  })

  it('knows what ran in a run that crashed or timed out', () => {
    for (const id of ['crash', 'endless'])
      expect(of(id).variant).toMatchObject({
        exercised: true,
        exercise: [{ scenarios: ['lpm-once-hierarchy'] }, { scenarios: ['lpm-once-hierarchy'] }],
        exerciseUnknown: [],
      })
  })

  it('ranks none of them above the unpatched kernel', () => {
    for (const { rank } of comparison.variants)
      expect(rank).toBeGreaterThanOrEqual(of('baseline').variant?.rank ?? 0)
  })
})

it('a single run of a stack that cannot be built reports why', async () => {
  const [scenario] = scenarios
  if (scenario === undefined) throw new Error('there is no scenario')
  const result = await runOne(engine, conflict, scenario, false)
  expect(result).toMatchObject({
    status: 'conflict',
    reason: expect.stringMatching(/^patch conflict-2 /) as string,
  })
})
