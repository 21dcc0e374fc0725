// SPDX-License-Identifier: GPL-2.0-only
import { parseScenario, type Scenario } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import type { ExaminedRun } from '../src/index.ts'
import { differsFrom, isSame, Part } from '../src/parts.ts'
import { baselineStack } from '../src/stacks.ts'

const scenarios = ['a', 'b', 'c', 'd', 'e'].map((id) =>
  parseScenario(`id: ${id}\ntitle: t\nsteps:\n  - read: /x\n`, `${id}.yaml`),
)

const run = (subject: string): ExaminedRun => ({
  outcome: 'completed',
  brokenOffIn: null,
  steps: [],
  findings: [{ oracle: 'leak', subject, step: 1, count: 1, message: '', evidence: [] }],
  console: [],
  story: { trees: { before: [], after: [] }, counts: [] },
})

/** A part by what it is found to do in each scenario, `x` if not said, and where it was played. */
function partOf(does: Readonly<Record<string, string>> = {}): { part: Part; played: string[] } {
  const played: string[] = []
  const part = new Part(baselineStack, async (stack, some) => {
    played.push(some.map(({ id }) => id).join(''))
    const runs = some.flatMap(({ id }): [string, ExaminedRun][] =>
      does[id] === 'crash' ? [] : [[id, run(does[id] ?? 'x')]],
    )
    const status = runs.length < some.length ? 'crashed' : 'ok'
    return Promise.resolve({ stack, status, reason: null, hash: '', exercised: true, runs: new Map(runs) })
  })
  return { part, played }
}

const named = (...ids: string[]): Scenario[] => scenarios.filter(({ id }) => ids.includes(id))

describe('a part', () => {
  it('is played once in each scenario, also when it is asked for twice at the same time', async () => {
    const { part, played } = partOf()
    await Promise.all([part.playIn(named('a', 'b')), part.playIn(named('b', 'c'))])
    expect(played).toEqual(['ab', 'c'])
    expect(part.runIn('c')?.findings).toHaveLength(1)
  })

  it('that crashed in one scenario has its runs of others', async () => {
    const { part } = partOf({ b: 'crash' })
    await part.playIn(named('a', 'b'))
    expect([part.status, part.runIn('a') === null, part.runIn('b')]).toEqual(['crashed', false, null])
  })
})

describe('two parts', () => {
  it('are the same if they are in all scenarios', async () => {
    const { part, played } = partOf()
    expect(await isSame(part, partOf().part, scenarios)).toBe(true)
    expect(played.join('')).toBe('abcde')
  })

  it.each(['a', 'b', 'c', 'e'])('are not if they differ in %s', async (id) => {
    expect(await isSame(partOf({ [id]: 'y' }).part, partOf().part, scenarios)).toBe(false)
  })

  it('are not played any further than to a difference, which is looked for first where it is likely', async () => {
    const [one, other, baseline] = [partOf({ d: 'y' }), partOf(), partOf()]
    const alone = partOf({ d: 'z' }).part
    await Promise.all([alone, baseline.part].map((part) => part.playIn(scenarios)))
    expect(await isSame(one.part, other.part, scenarios, differsFrom(alone, baseline.part))).toBe(false)
    expect(one.played).toEqual(['da'])
  })

  it('are not if one crashes', async () => {
    expect(await isSame(partOf({ e: 'crash' }).part, partOf({ e: 'crash' }).part, scenarios)).toBe(false)
  })
})
