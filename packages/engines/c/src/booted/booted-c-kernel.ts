// SPDX-License-Identifier: GPL-2.0-only
import { flushConsole, settle } from '@pfo-workbench/host'
import { addressOf, type Machine, type ObjectRecord } from '@pfo-workbench/machine'
import type {
  AllocationFailure,
  CallChain,
  KernelFacts,
  KernelState,
  MemoryState,
  RunEvent,
  BootedKernel,
} from '@pfo-workbench/run'
import { deviceStates } from './device-state.ts'
import { factsOf } from './facts.ts'
import { readFile, writeFile } from './files.ts'
import { memoryState } from './memory-state.ts'
import { insmod, rmmod } from './modules.ts'
import { nodeStates, phandleCache, loadProperties } from './node-state.ts'
import { chainOf, toRunEvent } from './run-events.ts'

/** Scope of an update after a PRRN event (arch/powerpc/platforms/pseries/mobility.c). */
const PRRN_SCOPE = -2

/** The state of a machine after its boot. Every run starts from it. */
export interface AtBoot {
  /** Null until a run reads it. */
  state: KernelState | null
  /** Objects that no pointer reached. */
  readonly unreachable: ReadonlySet<ObjectRecord>
}

/** A booted C kernel, as the steps of a scenario use it. */
export class BootedCKernel implements BootedKernel {
  readonly facts: KernelFacts
  readonly #machine: Machine
  readonly #hasModules: boolean
  readonly #events: RunEvent[]
  readonly #atBoot: AtBoot
  /** For each step, the number of objects when it began. */
  readonly #objectsBefore: number[] = [0]
  /** True if the machine has not been used since its boot. */
  #untouched = true

  /** @param events - the first events of the machine, already converted */
  constructor(
    machine: Machine,
    hasModules: boolean,
    atBoot: AtBoot = { state: null, unreachable: new Set() },
    events: readonly RunEvent[] = [],
  ) {
    this.#events = [...events]
    this.#machine = machine
    this.facts = factsOf(machine.options.release)
    this.#hasModules = hasModules
    this.#atBoot = atBoot
  }

  /** The machine itself, for users that need more than scenarios do. */
  get machine(): Machine {
    this.#untouched = false
    return this.#machine
  }

  get outcome(): BootedKernel['outcome'] {
    return this.#machine.outcome
  }

  get unmodelled(): BootedKernel['unmodelled'] {
    const { unmodelled, image } = this.#machine
    if (unmodelled === null) return null
    return { function: unmodelled.function, chain: chainOf(image, unmodelled.callSites) }
  }

  get assumed(): readonly string[] {
    return [...this.#machine.assumed].sort()
  }

  get events(): BootedKernel['events'] {
    const { journal, image } = this.#machine
    for (const event of journal.events.slice(this.#events.length)) this.#events.push(toRunEvent(image, event))
    return this.#events
  }

  get console(): readonly string[] {
    return this.#machine.journal.console
  }

  get waits(): boolean {
    return this.#machine.tasks.some((task) => task.state === 'blocked')
  }

  get step(): number {
    return this.#machine.journal.step
  }

  set step(step: number) {
    this.#machine.journal.step = step
    this.#objectsBefore[step] = this.#machine.objects.all.length
  }

  insmod(name: string): number | null {
    return insmod(this.machine, name, this.#hasModules)
  }

  rmmod(name: string): number | null {
    return rmmod(this.machine, name, this.#hasModules)
  }

  read(path: string): string | number | null {
    return readFile(this.machine, path)
  }

  write(path: string, data: string): number | null {
    return writeFile(this.machine, path, data)
  }

  migrate(): number | null {
    return writeFile(this.machine, '/sys/kernel/mobility/migration', '1')
  }

  updateTree(): number | null {
    return this.machine.task('kworker', () =>
      Number(BigInt.asIntN(32, this.machine.call('pseries_devicetree_update', PRRN_SCOPE))),
    )
  }

  lookup(target: string | number): boolean | null {
    const machine = this.machine
    const text = typeof target === 'string' ? machine.allocator.reserve(target.length + 1) : null
    if (text !== null && typeof target === 'string') machine.memory.setString(addressOf(text), target)
    return machine.task('lookup', () =>
      text === null
        ? machine.call('lookup_user', 0n, Number(target)) !== 0n
        : machine.call('lookup_user', text, 0) !== 0n,
    )
  }

  failAllocation({ allocation, in: within }: AllocationFailure): () => CallChain | null {
    const machine = this.machine
    let counted = 0
    let failed: CallChain | null = null
    machine.failing = (_struct, callSites) => {
      if (failed !== null) return false
      const chain = chainOf(machine.image, callSites)
      if (within !== null && !chain.some((frame) => frame.function === within)) return false
      if (++counted < allocation) return false
      failed = chain
      return true
    }
    return () => {
      machine.failing = null
      return failed
    }
  }

  settle(): void {
    settle(this.machine)
    flushConsole(this.machine)
  }

  memory(): MemoryState | null {
    if (this.waits) return null
    const { all } = this.#machine.objects
    return memoryState(this.#machine, this.#atBoot.unreachable, (object) => {
      const number = all.indexOf(object)
      return this.#objectsBefore.findLastIndex((before) => before <= number)
    })
  }

  state(): KernelState {
    if (this.#untouched) return (this.#atBoot.state ??= this.#stateAtBoot())
    return this.#stateNow()
  }

  /** Runs share this state, so all of it is read now: a later run may change the memory. */
  #stateAtBoot(): KernelState {
    const state = this.#stateNow()
    loadProperties(state.nodes)
    return state
  }

  #stateNow(): KernelState {
    const machine = this.#machine
    return { nodes: nodeStates(machine), phandleCache: phandleCache(machine), vio: deviceStates(machine) }
  }
}
