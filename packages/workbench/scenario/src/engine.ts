// SPDX-License-Identifier: GPL-2.0-only
import {
  bootMachine,
  LOGLEVEL_ERR,
  type CallChain,
  type ChainChoice,
  type KernelEvent,
  type KernelEventType,
  type Machine,
} from '@pfo-workbench/kernel'
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

/** As `play`, without the text. */
export function playScenario(job: EngineJob): RunRecord {
  const { machine, steps } = playOnMachine(job, true)
  return recordOf(job, machine, steps, machine.events.map(toRunEvent))
}

/** Events that say by themselves what there is to say. Nobody asks for the call chains of most others that are so many. */
const selfExplaining: ReadonlySet<KernelEventType> = new Set([
  'alloc.failed',
  'device.register',
  'driver.bind',
  'module.load',
  'module.unload',
  'node.attach',
  'notifier.call',
  'ref.release',
  'service.register',
  'service.unregister',
  'uevent',
])

/**
 * Whether somebody is likely to ask for the call chain of an event. Of lines of the console only complaints are looked into, and
 * of firmware's answers only refusals.
 */
const isWanted: ChainChoice = (type, fields) => {
  if (type === 'printk')
    return Number(fields['level']) <= LOGLEVEL_ERR || String(fields['text']).startsWith('WARNING: ')
  if (type === 'rtas.call') return Number(fields['status']) < 0
  return !selfExplaining.has(type)
}

/**
 * Plays a scenario and looks at the run. Call chains are written out when they are asked for: most never are. Those that
 * are not likely to be asked for are not even recorded; when one is, all is played again with every chain.
 *
 * @param look - looks at the run, perhaps twice; must not keep it
 * @returns what `look` says: what it would say of `playScenario(job)`
 */
export function playOnDemand<T>(job: EngineJob, look: (run: RunRecord) => T): T {
  const first = playOnMachine(job, isWanted)
  const seen = look(onDemand(job, first))
  if (!first.machine.lacksChains) return seen
  const again = playOnMachine(job, true)
  if (withoutChains(again) !== withoutChains(first))
    throw new Error('played again, the scenario took another course: the models remember something')
  return look(onDemand(job, again))
}

function onDemand(job: EngineJob, { machine, steps }: Played): RunRecord {
  return recordOf(job, machine, steps, machine.events.map(toRunEventOnDemand))
}

/** All that happened but for the call chains, as text. */
function withoutChains({ machine: { outcome, console, events }, steps }: Played): string {
  return JSON.stringify({ outcome, console, steps, events: events.map(fieldsOf) })
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

function playOnMachine(job: EngineJob, callChains: true | ChainChoice): Played {
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
    callChains,
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

/** An event's own fields, with the names of functions for call chains. */
function fieldsOf(event: KernelEvent): Record<string, unknown> {
  const plain: Record<string, unknown> = { ...event }
  if (event.type === 'use-after-free' || event.type === 'double-free') {
    plain['allocatedBy'] = namesOf(event.allocatedBy)
    plain['freedBy'] = namesOf(event.freedBy)
  }
  return plain
}

function toRunEvent(event: KernelEvent): RunEvent {
  return { ...fieldsOf(event), chain: event.functions } as unknown as RunEvent
}

/** The same, with a call chain that is written out when somebody asks for it. */
function toRunEventOnDemand(event: KernelEvent): RunEvent {
  return {
    ...(fieldsOf(event) as Pick<RunEvent, 'type' | 'seq' | 'step' | 'task'>),
    get chain() {
      return event.functions
    },
  }
}

function namesOf(chain: CallChain): string[] {
  return chain.map((frame) => frame.function)
}
