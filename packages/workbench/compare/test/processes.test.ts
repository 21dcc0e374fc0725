// SPDX-License-Identifier: GPL-2.0-only
import type { PatchSeries } from '@pfo-workbench/patch'
import type { Engine } from '@pfo-workbench/run'
import { parseScenario } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import type { ExaminedRun } from '../src/index.ts'
import { Player, type PlayedVariant } from '../src/play/player.ts'
import { unpatchedStack } from '../src/stacks.ts'
import { emptyRun } from './empty-run.ts'

const scenarios = Array.from({ length: 16 }, (_, at) =>
  parseScenario(
    `id: s${String(at).padStart(2, '0')}\ntitle: t\nsteps:\n  - read: /x\n`,
    `s${String(at)}.yaml`,
  ),
)

const run: ExaminedRun = {
  ...emptyRun,
  steps: [{ index: 0, step: null, result: { kind: 'boot', outcome: 'completed' }, failure: null }],
}

/** A program that prints how many runs its process played before, and fails in one scenario. */
const bundle = `var pfoEngine = (() => {
  let before = 0
  return { play: (job) => {
    if (JSON.parse(job).scenario.id === 's11') throw new Error('broken')
    return JSON.stringify({ ...${JSON.stringify(run)}, console: [String(before++)] })
  } }
})()`

const engine: Engine<PatchSeries> = {
  id: 'test',
  kernel: 'test',
  unpatched: 'test',
  origin: 'test',
  paths: '',
  // In this realm, a program keeps its variables between jobs.
  realm: 'wasm',
  readPatch: () => {
    throw new Error('there are no patches')
  },
  build: async () =>
    Promise.resolve({ status: 'ok', hash: 'test', statements: [], changedFunctions: [], bundle }),
  refuses: () => null,
  [Symbol.asyncDispose]: async () => Promise.resolve(),
}

const consoles = ({ runs }: PlayedVariant): (string | undefined)[] =>
  [...runs.values()].map((one) => one?.console[0])

const upTo = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at))

describe('the scenarios of a variant', () => {
  it('are played in one process if there is one processor', async () => {
    const player = new Player({ engine, jobs: 1 })
    const played = await player.play(unpatchedStack(engine), scenarios)
    expect(consoles(played)).toEqual([...upTo(11), ...upTo(4)])
  })

  it('are shared by two processes if there are two processors and no other variant', async () => {
    const player = new Player({ engine, jobs: 2 })
    const progress: string[] = []
    const played = await player.play(unpatchedStack(engine), scenarios, {
      onProgress: (doing, finished) => progress.push(...(finished > 0 ? [doing] : [])),
    })
    expect(consoles(played)).toEqual([...upTo(8), ...upTo(3), ...upTo(4)])
    expect([played.status, played.reason]).toEqual(['crashed', 's11: Error: broken'])
    expect(progress).toEqual(upTo(16).map((at) => `ran ${String(Number(at) + 1)}/16`))
  })

  it('are played in one process if another variant is in progress, or if the order matters', async () => {
    const player = new Player({ engine, jobs: 2 })
    const both = await Promise.all([0, 1].map(async () => player.play(unpatchedStack(engine), scenarios)))
    const ordered = await player.play(unpatchedStack(engine), scenarios, { isEnough: () => false })
    for (const played of [...both, ordered]) expect(consoles(played)).toEqual([...upTo(11), ...upTo(4)])
  })
})
