// SPDX-License-Identifier: GPL-2.0-only
import { playScenario, type Boot } from '@pfo-workbench/play'
import { eventsOf, type Scenario } from '@pfo-workbench/run'

/** A minimal play module: returns how the scenario ended. */
export function play(job: string, boot: Boot): string {
  const run = playScenario({ scenario: JSON.parse(job) as Scenario, trace: false }, boot)
  const died = eventsOf(run, 'oops').length > 0 ? ', died' : ''
  return `${run.outcome}, ${String(run.steps.length)} steps${died}`
}
