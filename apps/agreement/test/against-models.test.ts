// SPDX-License-Identifier: GPL-2.0-only
import { boot as bootModels } from '@pfo-workbench/engine-models/boot'
import { examine, findingKey } from '@pfo-workbench/oracle'
import { playScenario, type Boot } from '@pfo-workbench/play'
import type { Scenario } from '@pfo-workbench/run'
import { shippedScenarios } from '@pfo-workbench/scenario'
import { describe, expect, it } from 'vitest'
import { differencesOf, unexplained } from '../src/kernel/against-models.ts'
import { bootTree, findRealKernel } from './support/real-kernel.ts'

const real = await findRealKernel('Models are not held against C, which is', '4.18')

const keysOf = (scenario: Scenario, boot: Boot): string[] =>
  examine(playScenario({ scenario, trace: false }, boot)).map(findingKey)

describe('a difference between models and C', () => {
  const row = { scenarios: ['s'], side: 'C', key: 'leak a', reason: 'a reason' } as const

  it('is a finding on one side only', () => {
    expect(differencesOf('s', ['leak a', 'leak b'], ['leak b', 'oops c'])).toEqual([
      { scenario: 's', side: 'C', key: 'leak a' },
      { scenario: 's', side: 'models', key: 'oops c' },
    ])
  })

  it('is explained by an entry of the same scenario and side only; an entry without a difference is reported as unused', () => {
    const mine = { scenario: 's', side: 'C', key: 'leak a' } as const
    const other = { ...mine, scenario: 't' }
    expect(unexplained([mine], [row])).toEqual({ differences: [], unused: [] })
    expect(unexplained([other], [row])).toEqual({ differences: [other], unused: [mine] })
    expect(unexplained([{ ...mine, side: 'models' }], [row]).differences).toHaveLength(1)
  })

  it.runIf(real !== null)(
    'is explained, in each shipped scenario on v4.18, and each explanation is needed',
    async () => {
      if (real === null) return
      const boot = await bootTree(real.tree, real)
      const differences = shippedScenarios().flatMap((scenario) =>
        differencesOf(scenario.id, keysOf(scenario, boot), keysOf(scenario, bootModels)),
      )
      expect(unexplained(differences)).toEqual({ differences: [], unused: [] })
    },
    600_000,
  )
})
