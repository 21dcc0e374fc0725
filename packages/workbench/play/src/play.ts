// SPDX-License-Identifier: GPL-2.0-only
import { platformFacilities } from '@pfo-workbench/powervm'
import type { CallChain, RunRecord, Scenario, StepRecord, BootedKernel } from '@pfo-workbench/run'
import type { Boot } from './boot.ts'
import { changedBy, snapshotOf, watchedValue } from './firmware.ts'
import { partitionOf } from './partition.ts'
import { playStep } from './steps.ts'

/** A scenario to play. */
export interface PlayJob {
  readonly scenario: Scenario
  /** Record all events, not only those that oracles need. */
  readonly trace: boolean
}

/** Plays a scenario and records the run. Call chains may be resolved on first access: see `BootedKernel.events`. */
export function playScenario(job: PlayJob, boot: Boot): RunRecord {
  return recordOf(job, playOn(job, boot))
}

function recordOf({ scenario }: PlayJob, { kernel, steps }: PlayedMachine): RunRecord {
  const { facts, outcome, unmodelled, assumed, events, console } = kernel
  const memory = kernel.memory?.() ?? null
  const known = memory === null ? {} : { memory }
  return { scenario: scenario.id, facts, outcome, unmodelled, assumed, steps, events, console, ...known }
}

/** A machine after its scenario was played, and the records of the steps. */
interface PlayedMachine {
  readonly kernel: BootedKernel
  readonly steps: readonly StepRecord[]
}

function playOn({ scenario, trace }: PlayJob, boot: Boot): PlayedMachine {
  const { config } = scenario.machine
  const endian = config.endian ?? boot.endian ?? 'little'
  const partition = partitionOf(scenario.machine, endian)
  const facilities = platformFacilities(endian)
  const kernel = boot({ config, partition, backgroundEvents: trace })
  const steps: StepRecord[] = [
    {
      index: 0,
      step: null,
      result: { kind: 'boot', outcome: kernel.outcome },
      failure: null,
      changes: [],
      after: snapshotOf(kernel.state(), { partition, changes: [], facilities }),
    },
  ]
  for (const [at, step] of scenario.steps.entries()) {
    // A task that waits forever never returns. After a missing function the machine cannot continue.
    if (kernel.waits || kernel.outcome === 'unmodelled') break
    const index = at + 1
    kernel.step = index
    const before = watchedValue(step, partition)
    const previous = scenario.steps[at - 1]
    const failed = previous !== undefined && 'fail' in previous ? kernel.failAllocation(previous.fail) : null
    const result = playStep(step, { kernel, partition })
    kernel.settle()
    const failure = failed === null ? null : failureOf(failed())
    const changes = changedBy(step, before, watchedValue(step, partition))
    const known = [...steps.flatMap((one) => one.changes), ...changes]
    steps.push({
      index,
      step,
      result,
      failure,
      changes,
      after: snapshotOf(kernel.state(), { partition, changes: known, facilities }),
    })
  }
  return { kernel, steps }
}

const failureOf = (chain: CallChain | null): StepRecord['failure'] => ({ chain })
