// SPDX-License-Identifier: GPL-2.0-only
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '@pfo-workbench/run'
import { loadScenario } from './load.ts'

/** Sets of shipped scenarios. `standard` scenarios are played by default. */
export type ScenarioSet = 'standard' | 'extended' | 'all'

const folders = { standard: ['standard'], extended: ['extended'], all: ['standard', 'extended'] } as const

/** Returns the shipped scenarios, sorted by file name. The standard set comes first. */
export function shippedScenarios(set: ScenarioSet = 'standard'): Scenario[] {
  return folders[set].flatMap((name) => {
    const folder = fileURLToPath(new URL(`../scenarios/${name}/`, import.meta.url))
    return readdirSync(folder)
      .filter((file) => file.endsWith('.yaml'))
      .sort()
      .map((file) => loadScenario(join(folder, file)))
  })
}
