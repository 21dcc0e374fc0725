// SPDX-License-Identifier: GPL-2.0-only
import { expect, it } from 'vitest'
import { BootError, checkUnpatchedBoots } from '../src/play/boot.ts'
import type { ExaminedRun } from '../src/play/examined-schema.ts'
import type { PlayedVariant } from '../src/play/player.ts'

const chain = ['f', 'g', 'start_kernel'].map((name) => ({ function: name }))

function run(outcome: ExaminedRun['outcome'], more: Partial<ExaminedRun> = {}): ExaminedRun {
  const boot = { index: 0, step: null, result: { kind: 'boot' as const, outcome }, failure: null }
  const rest = { unmodelled: null, findings: [], console: [], steps: [boot] }
  return { ...rest, outcome, ...more } as unknown as ExaminedRun
}

const check = (...runs: readonly ExaminedRun[]): void => {
  const byScenario = new Map(runs.map((one, index) => [String(index), one]))
  checkUnpatchedBoots({ kernel: 'v9.9' }, { runs: byScenario } as unknown as PlayedVariant)
}

const unmodelled = run('unmodelled', { unmodelled: { function: 'x_init', chain } })

it('a kernel that calls a function without a model during boot is refused, with the call chain', () => {
  expect(() => {
    check(unmodelled, unmodelled)
  }).toThrow(
    new BootError(
      'v9.9 does not boot without a patch: it calls x_init(), which the engine does not implement (in f < g < start_kernel). This is not the fault of a patch. Please report this kernel',
    ),
  )
})

it('a kernel that runs out of memory during boot is refused', () => {
  expect(() => {
    check(run('unmodelled', { console: ['a'] }))
  }).toThrow(/does not boot without a patch: the machine runs out of memory\. This/)
})

it('a kernel that dies during boot is refused, with its last console line', () => {
  const dead = run('oops', { console: ['a', 'BUG: Unable to handle kernel data access', 'b'] })
  expect(() => {
    check(dead)
  }).toThrow(/its console ends with "BUG: Unable to handle kernel data access"/)
})

it('a kernel that boots in one of the scenarios is played', () => {
  expect(() => {
    check(unmodelled, run('completed'))
    check(run('completed'))
    check()
  }).not.toThrow()
})
