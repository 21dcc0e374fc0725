// SPDX-License-Identifier: GPL-2.0-only
import { playScenario, type Boot, type PlayJob } from '@pfo-workbench/play'
import { examineRun } from './examined.ts'

/** A request to a variant's program. */
export interface Job extends PlayJob {
  /** The result to return: findings and other conclusions, or the full record. */
  readonly want: 'findings' | 'record'
}

/**
 * Plays a scenario on the machine that the engine boots. Only text crosses the boundary between the workbench and
 * patched code. Runs are examined inside the sandbox, which saves writing and parsing the full record. This costs no
 * trust: patched code produces the input of the oracles anyway.
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
