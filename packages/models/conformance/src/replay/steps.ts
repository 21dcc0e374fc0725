// SPDX-License-Identifier: GPL-2.0-only
import type { Partition } from '@pfo-workbench/powervm'
import { MIGRATION_SCOPE, PRRN_SCOPE } from '@pfo-workbench/pseries'
import type { Action } from '../action/action.ts'
import type { ReplayedOutcome, ReplayedStep } from '../facts.ts'
import type { ReplayJobStep } from '../job.ts'
import { facilitiesName } from '../node-kinds.ts'
import { dumpFiles, noFiles } from './dump.ts'
import { doLookups } from './lookups.ts'
import { RecordedAllocator } from './memory.ts'
import { Observer } from './observer.ts'
import type { RecordedKernel } from './recorded-kernel.ts'
import { exitFailure, segmentationFault, Shell, StepHung, StepKilled } from './shell.ts'
import { StepEventReader } from './step-events.ts'
import { TrackedNodes } from './tracked-nodes.ts'

/** Result of a step, without its events. */
type Result = Partial<Omit<ReplayedStep, 'outcome'>> & { readonly outcome: ReplayedOutcome }

const completedOutcome: ReplayedOutcome = { kind: 'completed', rc: 0 }

/** Plays steps on a kernel and returns the events and results of each. */
export class StepReplayer {
  readonly #kernel: RecordedKernel
  readonly #partition: Partition
  readonly #nodes: TrackedNodes
  readonly #observer: Observer
  readonly #allocator: RecordedAllocator
  readonly #trace: StepEventReader
  readonly #shell: Shell
  /** The events of the boot. */
  readonly boot: ReplayedStep

  /**
   * @param kernel - just booted
   * @param partition - its firmware
   */
  constructor(kernel: RecordedKernel, partition: Partition) {
    this.#kernel = kernel
    this.#partition = partition
    this.#nodes = new TrackedNodes(kernel)
    this.#trace = new StepEventReader(kernel, this.#nodes)
    this.#shell = new Shell(kernel)
    this.boot = this.#stepFrom(0, { outcome: completedOutcome })
    this.#observer = new Observer(kernel, this.#nodes)
    this.#allocator = new RecordedAllocator(kernel, this.#nodes)
  }

  /** Plays one step. Runs queued work at the end of the step; on the recorded machine a second processor ran it. */
  play({ step, action, memory }: ReplayJobStep): ReplayedStep {
    const kernel = this.#kernel
    kernel.step = step
    this.#allocator.expect(memory)
    const result = this.#perform(action)
    kernel.settle()
    return this.#stepFrom(step, result)
  }

  #stepFrom(step: number, result: Result): ReplayedStep {
    return {
      nodes: [],
      phandle_cache: [],
      vio: [],
      lookups: [],
      updateResult: null,
      ...noFiles(),
      ...result,
      ...this.#trace.read(),
      step,
    }
  }

  #perform(action: Action): Result {
    const kernel = this.#kernel
    const partition = this.#partition
    switch (action.kind) {
      case 'load': {
        const results = action.modules.map((module) => kernel.userSpace.insmod(module))
        return { outcome: this.#statusOf(results.find((result) => result !== 0) ?? 0) }
      }
      case 'insmod':
        return { outcome: this.#statusOf(kernel.userSpace.insmod(action.module), segmentationFault) }
      case 'rmmod':
        return { outcome: this.#failureOf(kernel.userSpace.rmmod(action.module), segmentationFault) }
      case 'migrate':
        partition.prepareMigration({ readd: action.readd, nameProperty: action.nameProperty })
        partition.beginMigration()
        return this.#updateTree()
      case 'update': {
        const { node, property: name, value, cause } = action
        const change =
          value === null
            ? ({ kind: 'remove', name } as const)
            : ({ kind: 'set', name, value: Uint8Array.from(value) } as const)
        partition.updateProperties([{ node, properties: [change] }], cause)
        return this.#updateTree(cause === 'prrn' ? PRRN_SCOPE : MIGRATION_SCOPE)
      }
      case 'write':
        return { outcome: this.#failureOf(kernel.userSpace.write(action.path, action.text)) }
      case 'read': {
        const { path } = action
        return {
          outcome: this.#inShell(() => {
            const content = this.#shell.cat(path)
            return typeof content === 'number' ? content : 0
          }),
        }
      }
      case 'settle':
        return { outcome: completedOutcome }
      case 'lookups': {
        const lookups = doLookups(kernel, this.#observer)
        return {
          outcome: this.#statusOf(lookups === null ? null : 0, segmentationFault),
          lookups: lookups ?? [],
        }
      }
      case 'read-back':
        return { outcome: this.#inShell(() => this.#readBack()) }
      case 'find-vio':
        return { outcome: this.#inShell(() => this.#find('/sys/devices/vio')) }
      case 'dump': {
        const state = this.#look()
        const { files, ended } = dumpFiles(kernel, this.#shell)
        return { ...state, ...files, outcome: ended === 'completed' ? completedOutcome : { kind: ended } }
      }
      case 'observe':
        return { ...this.#look(), outcome: completedOutcome }
    }
  }

  #look(): ReturnType<Observer['look']> {
    this.#nodes.refresh()
    return this.#observer.look()
  }

  /**
   * Models a write to the control file of the recording module: the kernel updates its device tree from firmware, as
   * after a migration, but nothing migrates.
   */
  #updateTree(scope = MIGRATION_SCOPE): Result {
    const result = this.#kernel.updateTree(scope)
    return { outcome: this.#statusOf(result), updateResult: result }
  }

  /**
   * @param result - 0 or a negative errno, or null if the task did not return
   * @param whenKilled - exit status that the shell sees if an Oops killed a child process; without it, the shell itself
   * died
   */
  #statusOf(result: number | null, whenKilled?: number): ReplayedOutcome {
    if (result !== null) return { kind: 'completed', rc: result === 0 ? 0 : -result }
    if (this.#kernel.lastTaskHangs) return { kind: 'hung' }
    return whenKilled === undefined ? { kind: 'killed' } : { kind: 'completed', rc: whenKilled }
  }

  /** The outcome of actions that exit with 1 for any errno: a write of the shell, and `rmmod`, but not `insmod`. */
  #failureOf(result: number | null, whenKilled?: number): ReplayedOutcome {
    return this.#statusOf(result === null ? null : result < 0 ? -exitFailure : 0, whenKilled)
  }

  #inShell(body: () => number): ReplayedOutcome {
    try {
      return { kind: 'completed', rc: body() }
    } catch (error) {
      if (error instanceof StepHung) return { kind: 'hung' }
      if (error instanceof StepKilled) return { kind: 'killed' }
      throw error
    }
  }

  /**
   * Reads the two properties that an earlier step may have changed, in every compression node.
   *
   * @returns the status for the second property: 0, the status of the first failed read, or 1 if there is no such node
   */
  #readBack(): number {
    const base = '/sys/firmware/devicetree/base'
    let status = 0
    for (const property of ['status', 'ibm,max-sg-len']) {
      const found = this.#shell
        .glob(base)
        .filter((name) => name.startsWith(facilitiesName))
        .flatMap((parent) => this.#shell.glob(`${base}/${parent}`).map((name) => `${base}/${parent}/${name}`))
        .filter((path) => path.slice(path.lastIndexOf('/') + 1).startsWith('ibm,compression-v1'))
      const results = found.map((path) => this.#shell.cat(`${path}/${property}`))
      const failed = results.find((result) => typeof result === 'number')
      status = results.length === 0 ? 1 : (failed ?? 0)
    }
    return status
  }

  /** Lists a directory recursively, without following links. */
  #find(path: string): number {
    for (const name of this.#shell.glob(path)) {
      const child = `${path}/${name}`
      if (this.#shell.link(child) === '' && this.#shell.isDirectory(child)) this.#find(child)
    }
    return 0
  }
}
