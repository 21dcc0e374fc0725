// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, injectAllocationFailures, type Machine } from '@pfo-workbench/kernel'
import { nx842Module } from '@pfo-workbench/nx-842'
import { nxCryptoModule } from '@pfo-workbench/nx-crypto'
import { inspectOf, ofCore } from '@pfo-workbench/of'
import type { Boot, BootOptions } from '@pfo-workbench/play'
import { PRRN_SCOPE, pseries_devicetree_update, pseriesPlatform } from '@pfo-workbench/pseries'
import { pseriesRngModule } from '@pfo-workbench/pseries-rng'
import { linuxFacts } from '@pfo-workbench/run'
import type { AllocationFailure, CallChain, KernelState, MemoryState, BootedKernel } from '@pfo-workbench/run'
import { rpadlparModule, vio } from '@pfo-workbench/vio'
import { deviceStates } from './devices.ts'
import { PseudoFileReader } from './pseudo-files.ts'
import { chainOf, toRunEvent } from './events.ts'
import { memoryState } from './memory.ts'
import { lookup_user } from './lookup-user.kernel.ts'
import { testOfChangesetFailModule, testOfChangesetModule } from './test-of-changeset.kernel.ts'
import { testDriverModule } from './test-driver.kernel.ts'
import { testOfModule } from './test-of.kernel.ts'

/**
 * Modules that scenarios can load: drivers of the facilities, the driver that adds virtual devices, and test modules
 * that stand for any other driver.
 */
const modules = [
  pseriesRngModule,
  nx842Module,
  nxCryptoModule,
  rpadlparModule,
  testDriverModule,
  testOfModule,
  testOfChangesetModule,
  testOfChangesetFailModule,
]

/** Boots the models. */
export const boot: Boot = (options) => new BootedModels(options)

class BootedModels implements BootedKernel {
  readonly #machine: Machine
  readonly #files: PseudoFileReader
  readonly facts = linuxFacts
  readonly unmodelled = null
  readonly assumed: readonly string[] = []

  constructor({ config, partition, backgroundEvents }: BootOptions) {
    this.#machine = bootMachine({
      config,
      devicetree: partition.devicetree(),
      firmware: partition,
      subsystems: [ofCore, pseriesPlatform, vio],
      modules,
      backgroundEvents,
    })
    this.#files = new PseudoFileReader(this.#machine)
  }

  get outcome(): BootedKernel['outcome'] {
    return this.#machine.outcome
  }

  get events(): BootedKernel['events'] {
    return this.#machine.events.map(toRunEvent)
  }

  get console(): readonly string[] {
    return this.#machine.console
  }

  get waits(): boolean {
    return this.#machine.tasks.some((task) => task.state === 'blocked')
  }

  get step(): number {
    return this.#machine.step
  }

  set step(step: number) {
    this.#machine.step = step
  }

  insmod(name: string): number | null {
    return this.#machine.insmod(name)
  }

  rmmod(name: string): number | null {
    return this.#machine.rmmod(name)
  }

  read(path: string): string | number | null {
    return this.#machine.read(path)
  }

  write(path: string, data: string): number | null {
    return this.#machine.write(path, data)
  }

  migrate(): number | null {
    return this.#machine.migrate()
  }

  updateTree(): number | null {
    return this.#machine.kthread('kworker', () => pseries_devicetree_update(PRRN_SCOPE))
  }

  lookup(target: string | number): boolean | null {
    return this.#machine.task('lookup', () => lookup_user(target))
  }

  failAllocation({ allocation, in: within }: AllocationFailure): () => CallChain | null {
    let counted = 0
    let failed: readonly string[] | null = null
    this.#machine.inspect(() => {
      injectAllocationFailures((_struct, callers) => {
        if (failed !== null || (within !== null && !callers().includes(within))) return false
        if (++counted < allocation) return false
        failed = callers()
        return true
      })
    })
    return () => {
      this.#machine.inspect(() => {
        injectAllocationFailures(null)
      })
      return failed === null ? null : chainOf(failed)
    }
  }

  settle(): void {
    this.#machine.settle()
  }

  memory(): MemoryState | null {
    return this.waits ? null : memoryState(this.#machine)
  }

  state(): KernelState {
    const { nodes, phandleCache } = inspectOf(this.#machine)
    const files = this.#files.files()
    return { nodes, phandleCache, vio: deviceStates(this.#machine, files), files: [...files.values()] }
  }
}
