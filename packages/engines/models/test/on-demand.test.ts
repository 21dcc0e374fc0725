// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { playOnDemand, playScenario, type PlayJob } from '@pfo-workbench/play'
import type { RunRecord } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { boot } from '../src/subject/boot.ts'

const jobs = shippedScenarios().map((scenario): PlayJob => ({ scenario, trace: false }))
const [job] = jobs as [PlayJob]

describe('a scenario that is played with call chains on demand', () => {
  it.each(jobs)('is the same run as with all call chains: $scenario.id', (one) => {
    // Reading all of it asks for every chain.
    expect(playOnDemand(one, boot, (run) => JSON.stringify(run))).toBe(
      JSON.stringify(playScenario(one, boot)),
    )
  })

  it('shows the chains that are asked for', () => {
    const ofDetachments = ({ events }: RunRecord): unknown =>
      events.flatMap(({ type, chain }) => (type === 'node.detach' ? [chain] : []))
    // `chain` was taken from every event, though it was used of few.
    expect(playOnDemand(job, boot, ofDetachments)).toEqual(ofDetachments(playScenario(job, boot)))
  })

  it('is played again only for chains that hardly anybody asks for', () => {
    const looks = (type: string): number => {
      let count = 0
      playOnDemand(job, boot, ({ events }) => {
        count++
        return events.find((event) => event.type === type)?.chain
      })
      return count
    }
    expect([looks('ref.get'), looks('node.detach'), looks('rtas.call')]).toEqual([1, 1, 2])
  })

  it('is nothing to say anything of when it does not go as before when it is played again', () => {
    let count = 0
    const forgetful: PlayJob = {
      ...job,
      get scenario() {
        return count++ === 0 ? job.scenario : { ...job.scenario, steps: job.scenario.steps.slice(1) }
      },
    }
    expect(() => playOnDemand(forgetful, boot, (run) => JSON.stringify(run))).toThrow('took another course')
  })

  it('prints on its console what the machine with all chains prints', () => {
    for (const one of jobs) {
      const outside = ({ console, outcome, steps }: RunRecord): unknown => ({ console, outcome, steps })
      expect(playOnDemand(one, boot, outside)).toEqual(outside(playScenario(one, boot)))
    }
  })
})
