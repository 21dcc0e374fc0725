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
import type { Boot, BootOptions } from '@pfo-workbench/play'
import type { MachineConfig, RunEvent } from '@pfo-workbench/run'
import { bootKernel, type BootHooks } from './boot-kernel.ts'
import { BootedCKernel, type AtBoot } from './booted-c-kernel.ts'
import { prepareFiles } from './files.ts'
import { unreachableObjects } from './memory-state.ts'
import { noteFreedNode } from './node-state.ts'
import { toRunEvent } from './run-events.ts'

/** A booted machine, with its inputs. */
interface Booted {
  readonly blob: Uint8Array
  readonly config: string
  readonly machine: Machine
  readonly saved: SavedMachine
  /** Coverage points that the boot hit. */
  readonly coverage: Uint8Array
  readonly atBoot: AtBoot
  /** The events of the boot, with and without background events. All runs share them. */
  readonly events: { all?: readonly RunEvent[]; foreground?: readonly RunEvent[] }
}

/** Saves the state of a device tree node before it is freed, for later snapshots. */
const freedNodes: readonly Watch[] = [
  watch({
    kind: 'function',
    name: 'of_node_release',
    enter: (machine, [kobj]) =>
      noteNode(machine, kobj - BigInt(machine.layouts.offsetOf('device_node', 'kobj'))),
  }),
  // This function recurses into children and siblings, and frees nodes that were never in the tree.
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

/** All watches of the engine. An image is linked with them, and its machines are created with them. */
export const engineWatches: readonly Watch[] = [...watches, ...freedNodes]

/** Inputs of booting an image. */
export interface BootParts {
  readonly image: Image
  readonly release: KernelRelease
  readonly webAssembly: WebAssemblyApi
  /** Replaces the partition's device tree. */
  readonly devicetree?: Uint8Array
  readonly steps?: BootHooks
}

/** `Boot`, for C kernels. */
export interface CBoot extends Boot {
  (options: BootOptions): BootedCKernel
}

/** An image that can be booted. */
export interface Bootable {
  /** Boots a machine from the image. */
  readonly boot: CBoot
  /**
   * One entry per coverage point of the image: nonzero if its block ran since the last boot began. Empty before the
   * first boot.
   */
  readonly coverage: () => Uint8Array
}

/** Maximum number of saved boots. The scenarios use only a few different machines. */
const maxBoots = 4

/**
 * Prepares to boot machines of an image. Each pair of device tree and configuration boots once, and each run starts
 * from the saved state; only the newest `maxBoots` boots are saved. An image supports only one run at a time.
 */
export function bootable({ image, release, webAssembly, devicetree, steps }: BootParts): Bootable {
  let firmware: Firmware | null = null
  const hosts = hostFunctions(() => {
    if (firmware === null) throw new Error('no machine runs')
    return firmware
  })
  const known: Booted[] = []
  let last: Booted | null = null
  const boot = ({ config, partition, backgroundEvents }: BootOptions): BootedCKernel => {
    firmware = partition
    const blob = devicetree ?? partition.devicetree()
    const configuration = JSON.stringify(config)
    let booted = known.find((one) => one.config === configuration && sameBytes(one.blob, blob))
    if (booted === undefined) {
      const machine = createMachine(image, {
        options: optionsOf(config, release),
        hosts,
        watches: engineWatches,
        webAssembly,
      })
      bootKernel(machine, blob, config, steps)
      prepareFiles(machine)
      const saved = saveMachine(machine)
      booted = {
        blob,
        config: configuration,
        machine,
        saved,
        coverage: coverageOf(machine).slice(),
        atBoot: { state: null, unreachable: unreachableObjects(machine) },
        events: {},
      }
      known.unshift(booted)
      known.length = Math.min(known.length, maxBoots)
    } else {
      restoreMachine(booted.machine, booted.saved)
      coverageOf(booted.machine).set(booted.coverage)
    }
    last = booted
    const { machine } = booted
    machine.journal.keep({ backgroundEvents })
    const kept = backgroundEvents ? 'all' : 'foreground'
    const events = (booted.events[kept] ??= machine.journal.events.map((event) => toRunEvent(image, event)))
    return new BootedCKernel(machine, config.modules ?? true, booted.atBoot, events)
  }
  const endian = image.bigEndian ? 'big' : 'little'
  return {
    boot: Object.assign(boot, { endian } as const),
    coverage: () => (last === null ? new Uint8Array() : coverageOf(last.machine)),
  }
}

/** Like `bootable`, for callers that do not need coverage points. */
export function bootOf(parts: BootParts): Bootable['boot'] {
  return bootable(parts).boot
}

function coverageOf({ memory, image }: Machine): Uint8Array {
  const { start, end } = image.memory.coverage
  return new Uint8Array(memory.bytes.buffer, start, end - start)
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

function optionsOf(config: MachineConfig, release: KernelRelease): Machine['options'] {
  const { slubPoison = true, lockDebugging = true, hungTaskTimeout = 10 } = config
  return { release, slubPoison, lockDebugging, hungTaskTimeout }
}
