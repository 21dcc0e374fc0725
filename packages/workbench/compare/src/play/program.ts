// SPDX-License-Identifier: GPL-2.0-only
import { playScenario, type Boot, type PlayJob } from '@pfo-workbench/play'
import { examineRun } from './examined.ts'

/** What is asked of the program of a variant. */
export interface Job extends PlayJob {
  /** What is wanted of the run: what is to be said about it, or everything that happened. */
  readonly want: 'findings' | 'record'
}

/**
 * Plays a scenario on the machine that the engine boots. Text in, text out: this is all that crosses the wall between the
 * workbench and patched code. Runs are examined on that side of the wall, where they need not be written out and read again;
 * what comes out is not trusted the more or the less for that, because patched code makes what oracles look at.
 *
 * @param jobJson - a `Job`
 * @param boot - boots the machine of the variant
 * @returns an `ExaminedRun` or a `RunRecord`
 */
export function play(jobJson: string, boot: Boot): string {
  const job = JSON.parse(jobJson) as Job
  const run = playScenario(job, boot)
  return JSON.stringify(job.want === 'findings' ? examineRun(run) : run)
}
