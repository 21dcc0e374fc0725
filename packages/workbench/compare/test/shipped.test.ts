// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  compare,
  stackOfId,
  tally,
  unpatchedTotal,
  type Comparison,
  type ProgressState,
} from '../src/index.ts'
import { engine, root } from './support.ts'

const ids = ['wipe', 'cache-skip-detached']
const stacks = ids.map((id) => stackOfId(join(root, 'patches'), id, engine))
const scenarios = shippedScenarios().filter(({ id }) => /^lpm-(twice-hierarchy|once-per-node)$/.test(id))

describe('the shipped patches, compared in two scenarios', () => {
  let comparison: Comparison
  let again: Comparison
  const progress: ProgressState[] = []
  const parts: Comparison[] = []

  beforeAll(async () => {
    comparison = await compare({
      engine,
      stacks,
      scenarios,
      jobs: 2,
      onProgress: (state) => progress.push(state),
      onPlayed: (part) => parts.push(part),
    })
    again = await compare({ engine, stacks, scenarios, jobs: 1 })
  }, 180_000)

  const statuses = (variant: string, scenario: string, oracle: string): Set<string> =>
    new Set(
      comparison.cells
        .filter((cell) => cell.variant === variant && cell.scenario === scenario)
        .flatMap((cell) => cell.findings.filter((finding) => finding.oracle === oracle))
        .map((finding) => finding.status),
    )

  it('have one cell for each variant and scenario, in their order', () => {
    expect(comparison.variants.map(({ id, status, exercised }) => [id, status, exercised])).toEqual([
      ['baseline', 'ok', true],
      ['wipe', 'ok', true],
      ['cache-skip-detached', 'ok', true],
    ])
    expect(comparison.cells.map(({ variant, scenario }) => `${variant} ${scenario}`)).toEqual(
      comparison.variants.flatMap(({ id }) => scenarios.map((scenario) => `${id} ${scenario.id}`)),
    )
  })

  it('have the same results in series and in parallel', () => {
    expect(JSON.stringify(again)).toBe(JSON.stringify(comparison))
  })

  it('keep all findings on the unpatched kernel', () => {
    expect(comparison.variants[0]).toMatchObject({ fixed: 0, introduced: 0 })
  })

  it.each(ids)('end lookups of old nodes and duplicate names (%s)', (variant) => {
    for (const oracle of ['stale-lookup', 'duplicate-name', 'refcount', 'console']) {
      expect(statuses('baseline', 'lpm-twice-hierarchy', oracle)).toEqual(new Set(['kept']))
      expect(statuses(variant, 'lpm-twice-hierarchy', oracle)).toEqual(new Set(['fixed']))
    }
  })

  it.each(ids)('keep devices that refer to old nodes, and their references (%s)', (variant) => {
    for (const oracle of ['leak', 'stale-device']) {
      expect(statuses(variant, 'lpm-twice-hierarchy', oracle)).toContain('kept')
    }
  })

  it.each(ids)('survive one ADD per node, which kills the unpatched kernel (%s)', (variant) => {
    const outcome = (id: string): string | undefined =>
      comparison.cells.find((cell) => cell.variant === id && cell.scenario === 'lpm-once-per-node')?.outcome
    expect(outcome('baseline')).toBe('oops')
    expect(outcome(variant)).toBe('completed')
    expect(statuses(variant, 'lpm-once-per-node', 'oops')).toEqual(new Set(['fixed']))
  })

  it('are counted over all scenarios', () => {
    for (const variant of comparison.variants) {
      const all = comparison.cells
        .filter((cell) => cell.variant === variant.id)
        .flatMap((cell) => cell.findings)
      expect(variant).toMatchObject(tally(all))
      expect(unpatchedTotal(tally(all))).toBe(comparison.variants[0]?.kept)
    }
  })

  it('report progress up to the last run', () => {
    expect(progress.at(-1)).toMatchObject({ done: 6, total: 6 })
    expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).sort((a, b) => a - b))
  })

  it('are reported one by one as soon as they are played, with the same results as in the full comparison', () => {
    const told = parts.flatMap(({ variants }) => variants.map(({ id }) => id))
    expect(told.filter((id) => id !== 'baseline').sort()).toEqual(ids.toSorted())
    for (const part of parts)
      expect(part.cells).toEqual(
        comparison.cells.filter(({ variant }) => part.variants.some(({ id }) => id === variant)),
      )
  })
})

describe('a stack of two patches', () => {
  it('is split after all else has been played, with a progress count of its own', async () => {
    const progress: ProgressState[] = []
    await compare({
      engine,
      stacks: [stackOfId(join(root, 'patches'), ids.join('+'), engine)],
      scenarios: shippedScenarios().filter(({ id }) => id === 'lpm-once-per-node'),
      onProgress: (state) => progress.push(state),
    })
    const parts = progress.findIndex(({ total }) => total === null)
    expect(progress[parts - 1]).toMatchObject({ done: 2, total: 2 })
    expect(progress.slice(parts).every(({ total }) => total === null)).toBe(true)
    expect(progress[parts]).toMatchObject({ doing: 'applying', done: 0 })
    expect(new Set(progress.slice(parts).map(({ variant }) => variant))).toEqual(new Set(ids))
    expect(progress.at(-1)).toMatchObject({ doing: null, done: 2 })
  }, 180_000)
})
