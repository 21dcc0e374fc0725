// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path'
import { functionsOf, type RunRecord } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { beforeAll, describe, expect, it } from 'vitest'
import { unpatchedStack, stackOfId, type Stack } from '../src/index.ts'
import { Builds } from '../src/play/builds.ts'
import { openCache } from '../src/play/player.ts'
import { runOnBuild } from '../src/play/run-one.ts'
import { engine, root, sharedCache } from './support.ts'

/** With this stack, devices are added and removed with their nodes, however firmware adds the nodes. */
const followed =
  'cache-fix+attach-subtree+vio-notifier+name40+vio-unregister-uaf+nx842-notifier-outside-probe+nx-crypto-forget-device'

let builds: Builds
beforeAll(async () => {
  builds = new Builds(engine, await openCache(engine, sharedCache))
})

async function recordOf(stack: Stack, id: string): Promise<RunRecord> {
  const scenario = shippedScenarios('all').find((one) => one.id === id)
  if (scenario === undefined) throw new Error(`there is no scenario ${id}`)
  const played = await runOnBuild(engine, builds, stack, scenario, true)
  if (played.status !== 'ok') throw new Error(played.reason)
  return played.run
}

/**
 * An allocation site: the functions from the allocator to the migration. A node below another is attached by the same
 * functions, which counts as the same site.
 */
function sitesOf({ events }: RunRecord, type: 'alloc' | 'alloc.failed', step?: number): Set<string> {
  return new Set(
    events.flatMap((event) => {
      const functions = functionsOf(event.chain)
      const end = functions.indexOf('migration_store')
      if (event.type !== type || end < 0 || (step ?? event.step) !== event.step) return []
      return [
        functions
          .slice(0, end)
          .filter((name, at, all) => name !== all[at - 1])
          .join(' < '),
      ]
    }),
  )
}

describe.each([
  ['of the unpatched kernel', unpatchedStack(engine), 10],
  ['of a kernel in which VIO devices follow', stackOfId(join(root, 'patches'), followed, engine), 14],
])('the scenarios of memory pressure, on the re-add path %s', (_what, stack, least) => {
  it('fail an allocation at each allocation site', async () => {
    const places = sitesOf(await recordOf(stack, 'lpm-once-hierarchy'), 'alloc', 2)
    expect(places.size).toBeGreaterThanOrEqual(least)
    const failed = new Set<string>()
    for (const { id } of shippedScenarios('all')) {
      if (!id.startsWith('memory-pressure')) continue
      for (const site of sitesOf(await recordOf(stack, id), 'alloc.failed')) failed.add(site)
    }
    expect([...places].filter((site) => !failed.has(site))).toEqual([])
  })
})
