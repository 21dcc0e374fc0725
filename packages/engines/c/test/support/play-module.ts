// SPDX-License-Identifier: GPL-2.0-only
import { playScenario, type Boot, type PlayJob } from '@pfo-workbench/play'

/** A minimal play module: returns the outcome of a scenario. */
export function play(job: string, boot: Boot): string {
  return playScenario(JSON.parse(job) as PlayJob, boot).outcome
}
