// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Clang, ClangError, findClang } from '@pfo-workbench/clang'
import { bootOf, makeKernelImage } from '@pfo-workbench/engine-c'
import { boot as bootModels } from '@pfo-workbench/engine-models/boot'
import { openKernelTree } from '@pfo-workbench/kernel-tree'
import { examine, findingKey } from '@pfo-workbench/oracle'
import { playScenario, type Boot } from '@pfo-workbench/play'
import type { Scenario } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { afterAll, describe, expect, it } from 'vitest'
import { differencesOf, unexplained } from '../src/kernel/against-models.ts'

const argument = process.env['PFO_KERNEL'] ?? ''
const compiler = await findClang({ env: process.env }).catch((fault: unknown): null => {
  if (!(fault instanceof ClangError)) throw fault
  return null
})
const folder = mkdtempSync(join(tmpdir(), 'pfo-models-'))
const cacheFolder = process.env['PFO_TEST_CACHE'] ?? folder
const tree = argument === '' || compiler === null ? null : await openKernelTree(argument, { cacheFolder })
const is418 = tree?.version.major === 4 && tree.version.minor === 18
if (!is418)
  console.info('Models are not held against C: PFO_KERNEL names no tree of v4.18, or there is no clang')
afterAll(async () => {
  await tree?.dispose()
  rmSync(folder, { recursive: true, force: true })
})

const keysOf = (scenario: Scenario, boot: Boot): string[] =>
  examine(playScenario({ scenario, trace: false }, boot)).map(findingKey)

describe('what models and C tell differently', () => {
  const row = { scenarios: ['s'], side: 'C', key: 'leak a', reason: 'a reason' } as const

  it('is what only one side has', () => {
    expect(differencesOf('s', ['leak a', 'leak b'], ['leak b', 'oops c'])).toEqual([
      { scenario: 's', side: 'C', key: 'leak a' },
      { scenario: 's', side: 'models', key: 'oops c' },
    ])
  })

  it('is explained by a row of its scenario and side alone, and a row that explains nothing is told', () => {
    const mine = { scenario: 's', side: 'C', key: 'leak a' } as const
    const other = { ...mine, scenario: 't' }
    expect(unexplained([mine], [row])).toEqual({ differences: [], unused: [] })
    expect(unexplained([other], [row])).toEqual({ differences: [other], unused: [mine] })
    expect(unexplained([{ ...mine, side: 'models' }], [row]).differences).toHaveLength(1)
  })

  it.runIf(is418)(
    'is explained, in each shipped scenario on v4.18, and each explanation is needed',
    async () => {
      if (tree === null || compiler === null) return
      const clang = new Clang(compiler, {})
      const made = await makeKernelImage(tree, { clang, cacheFolder })
      clang.dispose()
      if (made.status !== 'ok') throw new Error(made.failed[0]?.diagnostics)
      const { image, release } = made
      const boot = bootOf({ image, release, webAssembly: WebAssembly })
      const differences = shippedScenarios().flatMap((scenario) =>
        differencesOf(scenario.id, keysOf(scenario, boot), keysOf(scenario, bootModels)),
      )
      expect(unexplained(differences)).toEqual({ differences: [], unused: [] })
    },
    600_000,
  )
})
