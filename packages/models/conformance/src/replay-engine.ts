// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedRun } from './facts.ts'
import type { ReplayJob } from './job.ts'
import { bootRecordedMachine } from './replay/machine.ts'
import { ModelKernel } from './replay/model-kernel.ts'
import { StepReplayer } from './replay/steps.ts'

/**
 * Replays a recorded scenario on the models bundled with this module. Uses only the language itself, because it is
 * bundled with patched models and runs in the sandbox.
 *
 * @param jobJson - a `ReplayJob`
 * @returns a `ReplayedRun`
 */
export function play(jobJson: string): string {
  const job = JSON.parse(jobJson) as ReplayJob
  const recorded = bootRecordedMachine(job)
  const replayer = new StepReplayer(new ModelKernel(recorded), recorded.partition)
  const run: ReplayedRun = {
    steps: [replayer.boot, ...job.steps.map((step) => replayer.play(step))],
  }
  return JSON.stringify(run)
}
