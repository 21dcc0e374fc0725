// SPDX-License-Identifier: GPL-2.0-only
import type { Scenario } from '@pfo-workbench/run'
import { parseScenario, ScenarioError } from '../src/index.ts'

/** Returns a scenario text with these steps. `more` is inserted before the steps. */
export const textOf = (steps: string, more = ''): string =>
  `id: a-test\ntitle: A test\n${more}steps:\n${steps
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('')}`

export const scenarioOf = (steps: string, more = ''): Scenario =>
  parseScenario(textOf(steps, more), 'test.yaml')

/** Returns the message that a text is refused with. */
export function refusal(text: string): string {
  try {
    parseScenario(text, 'test.yaml')
  } catch (fault) {
    if (fault instanceof ScenarioError) return fault.message
    throw fault
  }
  throw new Error('it was accepted')
}
