// SPDX-License-Identifier: GPL-2.0-only
import { playScenario, type Boot, type PlayJob } from '@pfo-workbench/play'

/** A play module that returns a complete run. */
export function play(job: string, boot: Boot): string {
  return JSON.stringify(playScenario(JSON.parse(job) as PlayJob, boot))
}
