// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { playOnDemand, playScenario, type EngineJob } from '../src/engine.ts'
import { shippedScenarios, type RunRecord } from '../src/index.ts'

const jobs = shippedScenarios().map((scenario): EngineJob => ({ scenario, devicetree: null, trace: false }))
const [job] = jobs as [EngineJob]

describe('a scenario that is played with call chains on demand', () => {
  it.each(jobs)('is the same run as with all call chains: $scenario.id', (one) => {
    // Reading all of it asks for every chain.
    expect(playOnDemand(one, (run) => JSON.stringify(run))).toBe(JSON.stringify(playScenario(one)))
  })

  it('shows the chains that are asked for', () => {
    const ofDetachments = ({ events }: RunRecord): unknown =>
      events.flatMap(({ type, chain }) => (type === 'node.detach' ? [chain] : []))
    // `chain` was taken from every event, though it was used of few.
    expect(playOnDemand(job, ofDetachments)).toEqual(ofDetachments(playScenario(job)))
  })

  it('is played once if nobody asks for a chain, and again with those that were asked for', () => {
    const looks: number[] = []
    playOnDemand(job, ({ events }) => looks.push(events.length))
    expect(looks).toHaveLength(1)
    const seen: string[][] = []
    playOnDemand(job, ({ events }) => {
      const attach = events.filter((event) => event.type === 'node.attach').slice(-1)
      seen.push(attach.map((event) => event.chain[0] ?? 'nothing'))
    })
    expect(seen).toEqual([['nothing'], ['__of_attach_node']])
  })

  it('is played as often as one chain leads to another', () => {
    const firstCallers = (run: RunRecord): string[] => {
      const callers: string[] = []
      for (const event of run.events) {
        if (event.type !== 'node.detach') continue
        callers.push(event.chain[0] ?? 'nothing')
        if (callers.at(-1) === 'nothing') break
      }
      return callers
    }
    expect(playOnDemand(job, firstCallers)).toEqual(firstCallers(playScenario(job)))
  })

  it('prints on its console what the machine with all chains prints', () => {
    for (const one of jobs) {
      const outside = ({ console, outcome, steps }: RunRecord): unknown => ({ console, outcome, steps })
      expect(playOnDemand(one, outside)).toEqual(outside(playScenario(one)))
    }
  })
})
