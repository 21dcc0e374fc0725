// SPDX-License-Identifier: GPL-2.0-only
import { compare, type Cell, type Comparison } from '@pfo-workbench/compare'
import { ModelEngine } from '@pfo-workbench/engine-models'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stackOfEdits } from '../support/edits.ts'
import { isLongRun } from '../support/long-run.ts'
import { refactorings } from './refactorings.ts'

/** Together these scenarios run all changed statements except those in `notRun`. The long run plays all scenarios. */
const few = ['driver-reload-after-lpm', 'ofdt-properties', 'probe-memory']
/**
 * Changed statements that do not run, as the patch and the index in its list of statements. The only such statement
 * would run if the node to delete did not exist.
 */
const notRun = ['pseries-else-instead-of-return 2']
const scenarios = shippedScenarios('all').filter(({ id }) => isLongRun || few.includes(id))

const engine = new ModelEngine()
afterAll(async () => engine[Symbol.asyncDispose]())

/** Everything observable in a run, without source locations. */
function seen({ outcome, findings, console, steps, story }: Cell): unknown {
  const claims = findings.map(({ oracle, kind, subject, step, count, data }) => ({
    oracle,
    kind,
    subject,
    step,
    count,
    data,
  }))
  return { outcome, findings: claims, console, steps: steps.map(({ result }) => result), trees: story?.trees }
}

describe('a refactoring without effect', () => {
  let comparison: Comparison
  beforeAll(async () => {
    comparison = await compare({
      engine,
      stacks: refactorings.map(({ id, title, edits }) => stackOfEdits(engine, id, title, edits)),
      scenarios,
      interactions: false,
      depth: 'bundled',
    })
  }, 3_600_000)

  it.each(refactorings)('changes nothing that a user can see: $title', ({ id }) => {
    const variant = comparison.variants.find((one) => one.id === id)
    const nothing = { fixed: 0, introduced: 0, revealed: 0, notReached: 0, changes: 0 }
    expect(variant).toMatchObject({ status: 'ok', ...nothing })
    const cells = (of: string): Cell[] => comparison.cells.filter((cell) => cell.variant === of)
    for (const [index, own] of cells(id).entries()) {
      const unpatched = cells('baseline')[index]
      if (unpatched === undefined) throw new Error(`there is no unpatched run of ${own.scenario}`)
      expect(seen(own), own.scenario).toEqual(seen(unpatched))
    }
  })

  it('has all its changed statements exercised; a pure reordering of functions has none', () => {
    const own = comparison.variants.filter(({ id }) => id !== comparison.baseline)
    const without = own.filter(({ exercise }) => exercise.length === 0).map(({ id }) => id)
    expect(without).toEqual(['vio-functions-reordered'])
    const idle = own.flatMap(({ id, exercise }) =>
      exercise.flatMap(({ scenarios: ran }, place) => (ran.length === 0 ? [`${id} ${String(place)}`] : [])),
    )
    expect(idle.filter((statement) => !notRun.includes(statement))).toEqual([])
  })
})
