// SPDX-License-Identifier: GPL-2.0-only
import { hostFunctions, watches, type Firmware } from '@pfo-workbench/host'
import type { Image } from '@pfo-workbench/image'
import {
  createMachine,
  restoreMachine,
  saveMachine,
  type Machine,
  watch,
  type KernelRelease,
  type SavedMachine,
  type Watch,
  type WebAssemblyApi,
} from '@pfo-workbench/machine'
import type { BootOptions } from '@pfo-workbench/play'
import type { MachineConfig } from '@pfo-workbench/run'
import { bootKernel, type BootSteps } from './boot-kernel.ts'
import { CSubject } from './c-subject.ts'
import { prepareFiles } from './files.ts'
import { noteFreedNode } from './node-state.ts'

/** A machine after its boot, and what it was booted with. */
interface Booted {
  readonly blob: Uint8Array
  readonly config: string
  readonly machine: Machine
  readonly saved: SavedMachine
}

/** What a device tree node is before its memory is given back is for later snapshots. */
const freedNodes: readonly Watch[] = [
  watch({
    kind: 'function',
    name: 'of_node_release',
    enter: (machine, [kobj]) =>
      noteNode(machine, kobj - BigInt(machine.layouts.offsetOf('device_node', 'kobj'))),
  }),
  // Calls itself for children and brothers; what it frees was never in the tree.
  watch({
    kind: 'function',
    name: 'dlpar_free_cc_nodes',
    enter: (machine, [node]) => noteNode(machine, node),
  }),
]

function noteNode(machine: Machine, node: bigint): void {
  const record = machine.allocator.objectOf(node)
  if (record !== null) noteFreedNode(machine, record)
}

/** All watches of the engine: what is to be linked. */
export const engineWatches: readonly Watch[] = [...watches, ...freedNodes]

/** What an image is booted with. */
export interface BootParts {
  readonly image: Image
  readonly release: KernelRelease
  readonly webAssembly: WebAssemblyApi
  /** What is booted from instead of the partition's device tree. */
  readonly devicetree?: Uint8Array
  readonly steps?: BootSteps
}

/**
 * How machines of an image are booted. The boot is done once for each device tree and configuration; each run begins with what
 * it left behind. Of one image there is one run at a time.
 */
export function bootOf({
  image,
  release,
  webAssembly,
  devicetree,
  steps,
}: BootParts): (options: BootOptions) => CSubject {
  let firmware: Firmware | null = null
  const hosts = hostFunctions(() => {
    if (firmware === null) throw new Error('no machine runs')
    return firmware
  })
  let booted: Booted | null = null
  return ({ config, partition, backgroundEvents }: BootOptions): CSubject => {
    firmware = partition
    const blob = devicetree ?? partition.devicetree()
    const configuration = JSON.stringify(config)
    if (booted?.config !== configuration || !sameBytes(booted.blob, blob)) {
      const machine = createMachine(image, {
        options: optionsOf(config, release),
        hosts,
        watches: engineWatches,
        webAssembly,
      })
      bootKernel(machine, blob, config, steps)
      prepareFiles(machine)
      booted = { blob, config: configuration, machine, saved: saveMachine(machine) }
    } else restoreMachine(booted.machine, booted.saved)
    const { machine } = booted
    machine.journal.keep({ callChains: true, backgroundEvents })
    return new CSubject(machine, config.modules ?? true)
  }
}

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, at) => byte === other[at])

function optionsOf(config: MachineConfig, release: KernelRelease): Machine['options'] {
  const { slubPoison = true, lockDebugging = true, hungTaskTimeout = 10 } = config
  return { release, slubPoison, lockDebugging, hungTaskTimeout }
}
