// SPDX-License-Identifier: GPL-2.0-only
import { playScenario } from '@pfo-workbench/play'
import type { RunRecord, Scenario, StepRecord } from '@pfo-workbench/run'
import { parseScenario } from '@pfo-workbench/scenario'
import { boot } from '../src/booted/boot.ts'

/** Returns a scenario with these steps. `more` is inserted before the steps. */
export function scenarioOf(steps: string, more = ''): Scenario {
  const lines = steps.split('\n').map((line) => `  ${line}\n`)
  return parseScenario(`id: a-test\ntitle: A test\n${more}steps:\n${lines.join('')}`, 'test.yaml')
}

/** Plays steps on the unpatched models. */
export const run = (steps: string, more = '', trace = false): RunRecord =>
  playScenario({ scenario: scenarioOf(steps, more), trace }, boot)

/** Record of a step, which must have been played. */
export function stepOf({ steps }: RunRecord, index: number): StepRecord {
  const step = steps[index]
  if (step === undefined) throw new Error(`step ${String(index)} was not played`)
  return step
}
