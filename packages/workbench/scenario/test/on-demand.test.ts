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

  it('prints on its console what the machine with all chains prints', () => {
    for (const one of jobs) {
      const outside = ({ console, outcome, steps }: RunRecord): unknown => ({ console, outcome, steps })
      expect(playOnDemand(one, outside)).toEqual(outside(playScenario(one)))
    }
  })
})
