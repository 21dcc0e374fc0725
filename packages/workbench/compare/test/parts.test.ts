// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import { parseScenario } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import type { ExaminedRun } from '../src/index.ts'
import { differsFrom, firstDifference, LazyStackRuns } from '../src/interactions/lazy-stack-runs.ts'
import { stackOfPatches } from '../src/stacks.ts'
import { emptyRun } from './empty-run.ts'

const scenarios = ['a', 'b', 'c', 'd', 'e'].map((id) =>
  parseScenario(`id: ${id}\ntitle: t\nsteps:\n  - read: /x\n`, `${id}.yaml`),
)

const run = (subject: string): ExaminedRun => ({
  ...emptyRun,
  findings: [
    { oracle: 'lost-node', kind: 'node-missing', subject, step: 1, count: 1, data: {}, evidence: [] },
  ],
})

/** A part with these findings per scenario (default `x`), and a list of the scenarios it was played in. */
function partOf(does: Readonly<Record<string, string>> = {}): { part: LazyStackRuns; played: string[] } {
  const played: string[] = []
  const part = new LazyStackRuns(stackOfPatches([]), async (_stack, some, isEnough) => {
    if (does['all'] === 'conflict') {
      played.push('none')
      return Promise.resolve({ status: 'conflict' })
    }
    const end = some.findIndex(({ id }) => isEnough(id, does[id] === 'crash' ? null : run(does[id] ?? 'x')))
    const ids = some.slice(0, end < 0 ? undefined : end + 1).map(({ id }) => id)
    played.push(ids.join(''))
    return Promise.resolve({ status: ids.some((id) => does[id] === 'crash') ? 'crashed' : 'ok' })
  })
  return { part, played }
}

const named = (...ids: string[]): Scenario[] => scenarios.filter(({ id }) => ids.includes(id))

describe('a part', () => {
  it('is played once in each scenario, even if two callers request it at the same time', async () => {
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

describe('the first difference of a part from another', () => {
  /** A part that was played in all scenarios. */
  async function playedPart(does: Readonly<Record<string, string>> = {}): Promise<LazyStackRuns> {
    const { part } = partOf(does)
    await part.playIn(scenarios)
    return part
  }

  it('is null if they have the same findings in all scenarios', async () => {
    const { part, played } = partOf()
    expect(await firstDifference(part, await playedPart(), scenarios)).toBeNull()
    expect(played.join('')).toBe('abcde')
  })

  it.each(['a', 'b', 'c', 'e'])('is found in %s', async (id) => {
    const difference = await firstDifference(partOf({ [id]: 'y' }).part, await playedPart(), scenarios)
    expect(difference?.id).toBe(id)
  })

  it('stops playing, and is tried first in likely scenarios', async () => {
    const { part, played } = partOf({ d: 'y', e: 'y' })
    const likely = differsFrom(await playedPart({ d: 'z' }), await playedPart())
    const order = [...scenarios.filter(likely), ...scenarios]
    expect((await firstDifference(part, await playedPart(), order))?.id).toBe('d')
    expect(played).toEqual(['d'])
  })

  it('needs no playing if it is known', async () => {
    const { part, played } = partOf({ b: 'y' })
    await part.playIn(named('b'))
    expect((await firstDifference(part, await playedPart(), scenarios))?.id).toBe('b')
    expect(played).toEqual(['b'])
  })

  it.each(['x', 'crash'])('is a crash too, where the other part has %s', async (other) => {
    const known = await playedPart({ e: other })
    const difference = await firstDifference(partOf({ e: 'crash' }).part, known, scenarios)
    expect(difference?.id).toBe('e')
  })

  it('exists for a part that cannot be played, which is tried once', async () => {
    const { part, played } = partOf({ all: 'conflict' })
    expect(await firstDifference(part, await playedPart(), scenarios)).not.toBeNull()
    expect(await firstDifference(part, await playedPart(), named('c'))).not.toBeNull()
    expect([part.status, played]).toEqual(['conflict', ['none']])
  })
})
