// SPDX-License-Identifier: GPL-2.0-only
import { functionsAtFault } from '@pfo-workbench/kernel'
import { playScenario, type EngineJob } from '@pfo-workbench/scenario/engine'
import { examineRun } from './examined.ts'

/** What is asked of the program of a variant. */
export interface Job extends EngineJob {
  /** What is wanted of the run: what is to be said about it, or everything that happened. */
  readonly want: 'findings' | 'record'
}

/**
 * Plays a scenario on the models it is bundled with. Text in, text out: this is all that crosses the wall between the
 * workbench and a patched model. Runs are examined on that side of the wall, where they need not be written out and read
 * again; what comes out is not trusted the more or the less for that, because patched models make what oracles look at.
 *
 * @param jobJson - a `Job`
 * @returns an `ExaminedRun` or a `RunRecord`
 */
export function play(jobJson: string): string {
  const job = JSON.parse(jobJson) as Job
  const run = playScenario(job)
  return JSON.stringify(job.want === 'findings' ? examineRun(run) : run)
}

/** The kernel functions that ran where `fault` was thrown, innermost first. */
export const functionsAt: (fault: unknown) => readonly string[] = functionsAtFault
