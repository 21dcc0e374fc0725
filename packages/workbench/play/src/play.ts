// SPDX-License-Identifier: GPL-2.0-only
import { Partition } from '@pfo-workbench/powervm'
import type { CallChain, RunEvent, RunRecord, Scenario, StepRecord, Subject } from '@pfo-workbench/run'
import type { Boot, ChainChoice } from './boot.ts'
import { isLikelyRead } from './chains.ts'
import { changedBy, snapshotOf, watchedValue } from './firmware.ts'
import { playStep } from './steps.ts'

/** What is to be played. */
export interface PlayJob {
  readonly scenario: Scenario
  /** Every event, or only those that oracles look at. */
  readonly trace: boolean
}

/** Plays a scenario and records all of it. */
export function playScenario(job: PlayJob, boot: Boot): RunRecord {
  return recordOf(job, playOn(job, boot, true))
}

/**
 * Plays a scenario and looks at the run. Call chains that are not likely to be read are not recorded: they take most of the
 * time. If one of them is read, the scenario is played again with every chain.
 *
 * @param look - looks at the run, perhaps twice; must not keep it
 * @returns what `look` returns: the same as for `playScenario`
 * @throws Error when the scenario took another course when it was played again
 */
export function playOnDemand<T>(job: PlayJob, boot: Boot, look: (run: RunRecord) => T): T {
  const first = playOn(job, boot, isLikelyRead)
  const seen = look(recordOf(job, first))
  if (!first.subject.lacksChains) return seen
  const again = playOn(job, boot, true)
  if (withoutChains(again) !== withoutChains(first))
    throw new Error('played again, the scenario took another course: the machine remembers something')
  return look(recordOf(job, again))
}

/** All that happened but for the call chains, as text. */
function withoutChains({ subject: { outcome, console, events }, steps }: Played): string {
  const shown = (event: RunEvent): unknown =>
    Object.fromEntries(
      Object.keys(event)
        .filter((name) => name !== 'chain')
        .map((name) => [name, event[name as keyof RunEvent]]),
    )
  return JSON.stringify({ outcome, console, steps, events: events.map(shown) })
}

function recordOf({ scenario }: PlayJob, { subject, steps }: Played): RunRecord {
  const { outcome, unmodelled, assumed, events, console } = subject
  return { scenario: scenario.id, outcome, unmodelled, assumed, steps, events, console }
}

/** A machine on which a scenario was played, and what each step did. */
interface Played {
  readonly subject: Subject
  readonly steps: readonly StepRecord[]
}

function playOn({ scenario, trace }: PlayJob, boot: Boot, callChains: true | ChainChoice): Played {
  const { config, devicetree } = scenario.machine
  const partition = new Partition({
    endian: config.endian ?? 'little',
    ...(devicetree === null ? {} : { blob: Uint8Array.from(devicetree) }),
  })
  const subject = boot({ config, partition, callChains, backgroundEvents: trace })
  const steps: StepRecord[] = [
    {
      index: 0,
      step: null,
      result: { kind: 'boot', outcome: subject.outcome },
      failure: null,
      changes: [],
      after: snapshotOf(subject.state(), partition, []),
    },
  ]
  for (const [at, step] of scenario.steps.entries()) {
    // Who plays the steps waits with the task that hangs; without a function the machine cannot go on.
    if (subject.waits || subject.outcome === 'unmodelled') break
    const index = at + 1
    subject.step = index
    const before = watchedValue(step, partition)
    const previous = scenario.steps[at - 1]
    const failed = previous !== undefined && 'fail' in previous ? subject.failAllocation(previous.fail) : null
    const result = playStep(step, { subject, partition })
    subject.settle()
    const failure = failed === null ? null : failureOf(failed())
    const changes = changedBy(step, before, watchedValue(step, partition))
    const known = [...steps.flatMap((one) => one.changes), ...changes]
    steps.push({
      index,
      step,
      result,
      failure,
      changes,
      after: snapshotOf(subject.state(), partition, known),
    })
  }
  return { subject, steps }
}

const failureOf = (chain: CallChain | null): StepRecord['failure'] => ({ chain })
