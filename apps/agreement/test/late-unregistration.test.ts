// SPDX-License-Identifier: GPL-2.0-only
import { fileURLToPath } from 'node:url'
import { stackOfId } from '@pfo-workbench/compare'
import {
  fixturesFolder,
  readRecordings,
  type ReplayedRun,
  type ReplayedStep,
  type ReplayJob,
} from '@pfo-workbench/conformance'
import { ModelEngine, modelPackages, VariantBuilder } from '@pfo-workbench/engine-models'
import { runInSandbox } from '@pfo-workbench/variant'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const variant = 'vio-notifier-wq+cache-fix'
const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

let builder: VariantBuilder
let bundle: string
beforeAll(async () => {
  const replayEngine = at('packages/models/conformance/src/replay-engine.ts')
  const entry = `export { play } from ${JSON.stringify(replayEngine)}\n`
  builder = await VariantBuilder.create({ models: modelPackages(), entry })
  bundle = (await builder.build(stackOfId(at('patches'), variant, new ModelEngine()))).bundle ?? ''
}, 60_000)
afterAll(async () => {
  await builder.dispose()
})

/**
 * Plays two migrations and returns the second, which frees the nodes of the first. `memory` names the freed node whose
 * memory the first new node reuses; null if the new node gets fresh memory.
 */
async function secondMigration(memory: string | null): Promise<ReplayedStep | undefined> {
  const migrate = (readd: 'per-node' | 'hierarchy') =>
    ({ kind: 'migrate', readd, nameProperty: true }) as const
  const job: ReplayJob = {
    slubPoison: true,
    dynamicChildren: false,
    dynamicParent: false,
    steps: [
      { step: 1, action: migrate('per-node'), memory: [] },
      { step: 2, action: migrate('hierarchy'), memory: [memory] },
    ],
  }
  for await (const result of runInSandbox(bundle, [JSON.stringify(job)])) {
    if (result.status !== 'ok') throw new Error(result.reason)
    return (JSON.parse(result.output) as ReplayedRun).steps[2]
  }
  return undefined
}

describe('a device that a worker unregisters after the parent of its node was freed', () => {
  it('prints a path through the freed parent in its REMOVE uevent, which is an Oops if the memory was not reused', async () => {
    const step = await secondMigration(null)
    const [oops] = step?.worker.reports.filter(({ text }) => text.startsWith('Oops')) ?? []
    expect(oops?.at).toBe('device_node_gen_full_name')
    expect(oops?.trace).toEqual(expect.arrayContaining(['of_device_uevent', 'device_del']))
    expect(step?.lifecycle.map(({ text }) => text)).toContain('facilities#1 memory freed (of_node_release)')
    expect(step?.worker.lifecycle.map(({ text }) => text)).not.toContain(
      'random#1 memory freed (of_node_release)',
    )
  })

  it('reads the new parent without a report if the new parent reuses the memory', async () => {
    const step = await secondMigration('facilities#1')
    expect(step?.worker.reports.filter(({ text }) => text.startsWith('Oops'))).toEqual([])
    expect(step?.worker.lifecycle.map(({ text }) => text)).toContain(
      'random#1 memory freed (of_node_release)',
    )
  })

  it('finds the memory reused in every recording, because SLUB reuses the most recently freed memory first', () => {
    const lives = readRecordings(`${fixturesFolder}/${variant}`)
      .recordings.flatMap(({ steps }) => steps)
      .map(({ lifecycle }) => lifecycle)
      .filter((lines) => lines.includes('facilities#1 memory freed (of_node_release)'))
    expect(lives.length).toBeGreaterThan(0)
    for (const lines of lives) expect(lines).toContain('memory of facilities#1 is reused')
  })
})
