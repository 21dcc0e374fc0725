// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { oracles, type Oracle } from '@pfo-workbench/oracle'
import type { Scenario } from '@pfo-workbench/run'
import { parseScenario, shippedScenarios } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import { ExaminedRunError, parseExaminedRun } from '../src/play/examined-run.ts'
import { unpatchedStack, stackOfId } from '../src/index.ts'
import { Player } from '../src/play/player.ts'
import { engine, root } from './support.ts'

const patches = join(root, 'patches')
const baseline = unpatchedStack(engine)
const stacks = [
  baseline,
  ...['wipe', 'cache-fix', 'vio-notifier'].map((id) => stackOfId(patches, id, engine)),
]

/** Covers what the shipped scenarios do not: a removal by hand before a migration, and an unload after it. */
const twice: Scenario = parseScenario(
  `id: removed-twice
title: Nodes are removed, and their devices used
steps:
  - load: [pseries_rng, nx_compress_pseries, nx_crypto]
  - ofdt: ["remove_node /ibm,platform-facilities/ibm,random-v1"]
  - migrate: {}
  - read: ["/sys/devices/vio/ibm,random-v1/modalias"]
  - unload: [pseries_rng]
`,
  'twice.yaml',
)

const scenarios = [...shippedScenarios(), twice]

describe('the examined run', () => {
  const player = new Player({ engine, jobs: 1 })

  it.each(stacks)(
    'is the same, byte for byte, as of the run with all call chains: $id',
    async (stack) => {
      // To save time, patched kernels play only every fourth scenario: each patched kernel needs a process of its own.
      const chosen = stack === baseline ? scenarios : scenarios.filter((_, index) => index % 4 === 1)
      const { runs } = await player.play(stack, chosen)
      // Custom oracles examine full records, outside the sandbox.
      const withChains = new Set<string>()
      const watch: Oracle = {
        id: 'watch',
        title: 'which runs have call chains',
        examine(run) {
          if (run.events.some(({ chain }) => chain.length > 0)) withChains.add(run.scenario)
          return []
        },
      }
      const recording = new Player({ engine, jobs: 1, oracles: [...oracles, watch] })
      const recorded = await recording.play(stack, chosen)
      for (const { id } of chosen) {
        expect(withChains).toContain(id)
        // Parse it like a sandbox answer, which gives the fields the order of the schema.
        const expected = parseExaminedRun(JSON.stringify(recorded.runs.get(id)))
        expect(JSON.stringify(runs.get(id))).toBe(JSON.stringify(expected))
      }
    },
    300_000,
  )

  it('is refused if it is damaged, with the position', async () => {
    const { runs } = await player.play(baseline, [twice])
    const said = JSON.parse(JSON.stringify(runs.get(twice.id))) as Record<string, unknown>
    expect(parseExaminedRun(JSON.stringify(said))).toEqual(said)
    const refusal = (json: string): string => {
      try {
        parseExaminedRun(json)
      } catch (fault) {
        if (fault instanceof ExaminedRunError) return fault.message
        throw fault
      }
      throw new Error('it was accepted')
    }
    expect(refusal('no')).toBe('the result of the run is not JSON')
    expect(refusal(JSON.stringify({ ...said, outcome: 'fine' }))).toMatch(/damaged at "outcome": /)
    expect(refusal(JSON.stringify({ ...said, findings: [{}] }))).toMatch(/damaged at "findings\.0\./)
    expect(refusal(JSON.stringify({ ...said, more: 1 }))).toMatch(/more/)
  }, 60_000)
})
