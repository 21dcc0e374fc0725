// SPDX-License-Identifier: GPL-2.0-only
import { playScenario } from '../src/engine.ts'
import { parseScenario, ScenarioError, type RunRecord, type Scenario, type StepRecord } from '../src/index.ts'

/** A scenario text with these steps, and what else is given, which goes before them. */
export const textOf = (steps: string, more = ''): string =>
  `id: a-test\ntitle: A test\n${more}steps:\n${steps
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('')}`

export const scenarioOf = (steps: string, more = ''): Scenario =>
  parseScenario(textOf(steps, more), 'test.yaml')

/** The message with which a text is refused. */
export function refusal(text: string): string {
  try {
    parseScenario(text, 'test.yaml')
  } catch (fault) {
    if (fault instanceof ScenarioError) return fault.message
    throw fault
  }
  throw new Error('it was accepted')
}

/** Plays steps on the models as they are. */
export const run = (steps: string, more = '', trace = false): RunRecord =>
  playScenario({ scenario: scenarioOf(steps, more), devicetree: null, trace })

/** The record of a step, which must have been played. */
export function stepOf({ steps }: RunRecord, index: number): StepRecord {
  const step = steps[index]
  if (step === undefined) throw new Error(`step ${String(index)} was not played`)
  return step
}
