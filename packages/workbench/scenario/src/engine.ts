// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, errnoName, objectId, type KernelEvent, type Machine } from '@pfo-workbench/kernel'
import { nx842Module } from '@pfo-workbench/nx-842'
import { nxCryptoModule } from '@pfo-workbench/nx-crypto'
import { inspectOf, ofCore } from '@pfo-workbench/of'
import { Partition } from '@pfo-workbench/powervm'
import { pseriesPlatform } from '@pfo-workbench/pseries'
import { pseriesRngModule } from '@pfo-workbench/pseries-rng'
import { vio, vioDevicesSnapshot } from '@pfo-workbench/vio'
import { describeStep, type Scenario, type Step } from './scenario.ts'
import type { RunEvent, RunRecord, Snapshot, StepRecord } from './run.ts'

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

/** More rounds are for runs that are not the same each time: a kernel stack that overflows does so now here, now there. */
const mostRounds = 4

/**
 * Plays a scenario without call chains, which cost more than all else, and again with those that were missed, until none
 * is. Runs are the same each time, so what `look` says is what it would say of a run with all chains.
 *
 * @param look - looks at the run; must not look elsewhere, nor change anything
 * @returns what `look` says
 */
export function playOnDemand<T>(job: EngineJob, look: (run: RunRecord) => T): T {
  let recorded: ReadonlySet<number> = new Set()
  for (let round = 0; round < mostRounds; round++) {
    const { machine, steps } = playOnMachine(job, recorded)
    const missed = new Set(machine.lackingChains)
    if (missed.size > 0) {
      // The console is not what it would be, and has not even as many lines.
      recorded = new Set([...recorded, ...missed])
      continue
    }
    const events = machine.events.map((event) =>
      recorded.has(event.seq) ? toRunEvent(event) : withoutChain(event, missed),
    )
    const said = look(recordOf(job, machine, steps, events))
    if (missed.size === 0) return said
    recorded = new Set([...recorded, ...missed])
  }
  return look(playScenario(job))
}

function recordOf(
  { scenario }: EngineJob,
  { outcome, console }: Machine,
  steps: readonly StepRecord[],
  events: readonly RunEvent[],
): RunRecord {
  return { scenario: scenario.id, outcome, steps, events, console }
}

function playOnMachine(
  job: EngineJob,
  callChains: boolean | ReadonlySet<number>,
): { machine: Machine; steps: readonly StepRecord[] } {
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
    callChains,
  })
  const steps: StepRecord[] = [
    { index: 0, title: 'boot', result: machine.outcome, after: snapshot(machine, partition) },
  ]
  for (const [index, step] of scenario.steps.entries()) {
    // Who plays the steps waits with the task that hangs.
    if (machine.tasks.some((task) => task.state === 'blocked')) break
    machine.step = index + 1
    const result = playStep(step, machine, partition)
    machine.settle()
    steps.push({ index: index + 1, title: describeStep(step), result, after: snapshot(machine, partition) })
  }
  return { machine, steps }
}

function playStep(step: Step, machine: Machine, partition: Partition): string {
  if ('load' in step) return each(step.load, (name) => machine.insmod(name))
  if ('unload' in step) return each(step.unload, (name) => machine.rmmod(name))
  if ('migrate' in step) {
    partition.prepareMigration({ readd: step.migrate.readd })
    return describeResult(machine.migrate())
  }
  if ('ofdt' in step) return each(step.ofdt, (command) => machine.write('/proc/powerpc/ofdt', command))
  if ('read' in step) return each(step.read, (path) => machine.read(path))
  return describeResult(machine.write(step.write.path, step.write.data))
}

function each(items: readonly string[], act: (item: string) => string | number | null): string {
  return items.map((item) => `${item}: ${describeResult(act(item))}`).join(', ')
}

/** A negative number is an errno; null means that the task did not come back. */
function describeResult(result: string | number | null): string {
  if (result === null) return 'did not return'
  if (typeof result === 'string') return JSON.stringify(result)
  return result < 0 ? errnoName(result) : 'ok'
}

function snapshot(machine: Machine, partition: Partition): Snapshot {
  const { nodes, phandleCache } = inspectOf(machine)
  const devices = machine.inspect(() =>
    vioDevicesSnapshot().map(({ object, device, driver, ofNode }) => ({
      object,
      device,
      driver,
      node: ofNode === null ? null : objectId(ofNode),
    })),
  )
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
    vio: devices,
    firmware: partition.tree().map(({ path }) => path),
  }
}

/** An event's own fields, with the names of functions for call chains. */
function fieldsOf(event: KernelEvent): Record<string, unknown> {
  const plain: Record<string, unknown> = { ...event }
  for (const field in plain) {
    const value = plain[field]
    if (isChain(value)) plain[field] = value.map((frame) => frame.function)
  }
  return plain
}

function toRunEvent(event: KernelEvent): RunEvent {
  return { ...fieldsOf(event), chain: event.functions } as unknown as RunEvent
}

/** An event whose call chain was not recorded; `missed` gets its number when somebody asks for the chain. */
function withoutChain(event: KernelEvent, missed: Set<number>): RunEvent {
  const { seq } = event
  const get = (): readonly string[] => {
    missed.add(seq)
    return []
  }
  return Object.defineProperty(fieldsOf(event), 'chain', { enumerable: true, get }) as unknown as RunEvent
}

function isChain(value: unknown): value is { function: string }[] {
  return (
    Array.isArray(value) &&
    value.every((item) => typeof item === 'object' && item !== null && 'function' in item)
  )
}
