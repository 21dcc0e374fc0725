// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, type KernelEvent, type Machine } from '@pfo-workbench/kernel'
import { nx842Module } from '@pfo-workbench/nx-842'
import { nxCryptoModule } from '@pfo-workbench/nx-crypto'
import { inspectOf, ofCore } from '@pfo-workbench/of'
import { Partition, propertyOf } from '@pfo-workbench/powervm'
import { pseriesPlatform } from '@pfo-workbench/pseries'
import { pseriesRngModule } from '@pfo-workbench/pseries-rng'
import { vio } from '@pfo-workbench/vio'
import { deviceStates, sameBytes } from './devices.ts'
import { withFailure } from './failure.ts'
import { describeStep, type Scenario, type Step } from './scenario.ts'
import type { FirmwareChange, RunEvent, RunRecord, Snapshot, StepRecord } from './run.ts'
import { playStep } from './steps.ts'

/** What the engine is asked to play. */
export interface EngineJob {
  readonly scenario: Scenario
  /** Bytes of the device tree blob to boot from; null for the default partition. */
  readonly devicetree: readonly number[] | null
  /** Every event, or only those that oracles look at. */
  readonly trace: boolean
}

/**
 * Plays a scenario on the models it is bundled with. Text in, text out: this is all that crosses the wall between the
 * workbench and a patched model.
 *
 * @param jobJson - an `EngineJob`
 * @returns a `RunRecord`
 */
export function play(jobJson: string): string {
  return JSON.stringify(playScenario(JSON.parse(jobJson) as EngineJob))
}

/** As `play`, without the text. Call chains are written out when they are read: most never are. */
export function playScenario(job: EngineJob): RunRecord {
  const { machine, steps } = playOnMachine(job)
  return recordOf(job, machine, steps, machine.events.map(toRunEvent))
}

function recordOf(
  { scenario }: EngineJob,
  { outcome, console }: Machine,
  steps: readonly StepRecord[],
  events: readonly RunEvent[],
): RunRecord {
  return { scenario: scenario.id, outcome, steps, events, console }
}

/** A machine on which a scenario was played, and what each step did. */
interface Played {
  readonly machine: Machine
  readonly steps: readonly StepRecord[]
}

function playOnMachine(job: EngineJob): Played {
  const { scenario } = job
  const endian = scenario.machine.config.endian ?? 'little'
  const partition = new Partition({
    endian,
    ...(job.devicetree === null ? {} : { blob: Uint8Array.from(job.devicetree) }),
  })
  const machine = bootMachine({
    config: scenario.machine.config,
    devicetree: partition.devicetree(),
    firmware: partition,
    subsystems: [ofCore, pseriesPlatform, vio],
    modules: [pseriesRngModule, nx842Module, nxCryptoModule],
    backgroundEvents: job.trace,
  })
  const steps: StepRecord[] = [
    {
      index: 0,
      title: 'boot',
      result: machine.outcome,
      changes: [],
      after: snapshot(machine, partition, []),
    },
  ]
  for (const [index, step] of scenario.steps.entries()) {
    // Who plays the steps waits with the task that hangs.
    if (machine.tasks.some((task) => task.state === 'blocked')) break
    machine.step = index + 1
    const before = watched(step, partition)
    const act = (): string => {
      const said = playStep(step, { machine, partition })
      machine.settle()
      return said
    }
    const previous = scenario.steps[index - 1]
    const result =
      previous !== undefined && 'fail' in previous ? withFailure(previous.fail, machine, act) : act()
    const changes = changedBy(step, before, watched(step, partition))
    const after = snapshot(machine, partition, [...steps.flatMap((one) => one.changes), ...changes])
    steps.push({ index: index + 1, title: describeStep(step), result, changes, after })
  }
  return { machine, steps }
}

function snapshot(machine: Machine, partition: Partition, changes: readonly FirmwareChange[]): Snapshot {
  const { nodes, phandleCache } = inspectOf(machine)
  const firmware = partition.tree()
  return {
    nodes: nodes.map(({ object, path, generation, life, refcount, flags, phandle, inTree, sysfs }) => ({
      object,
      path,
      generation,
      life,
      refcount,
      flags,
      phandle,
      inTree,
      sysfs,
    })),
    phandleCache,
    vio: deviceStates(machine, { nodes, firmware, changes }),
    firmware: firmware.map(({ path }) => path),
  }
}

/** What firmware's tree has now for the property that an update step is about. */
function watched(step: Step, partition: Partition): Uint8Array | undefined {
  if (!('update' in step)) return undefined
  const { node, property } = step.update
  const placed = partition.tree().find(({ path }) => path === node)
  return placed === undefined ? undefined : propertyOf(placed.node, property)
}

/** What an update step changed in firmware's tree: nothing if the value was the same, or the migration did not begin. */
function changedBy(
  step: Step,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): FirmwareChange[] {
  if (!('update' in step) || sameBytes(before, after)) return []
  const { node, property } = step.update
  return [{ node, property }]
}

function toRunEvent(event: KernelEvent): RunEvent {
  return {
    ...(event as unknown as Pick<RunEvent, 'type' | 'seq' | 'step' | 'task'>),
    get chain() {
      return event.functions
    },
  }
}
