// SPDX-License-Identifier: GPL-2.0-only
import { bootMachine, currentMachine, type Machine, type Subsystem } from '@pfo-workbench/kernel'
import { nx842Module } from '@pfo-workbench/nx-842'
import { nxCryptoModule } from '@pfo-workbench/nx-crypto'
import { ofCore } from '@pfo-workbench/of'
import {
  cells,
  type FirmwareNode,
  Partition,
  pseriesQemuDeviceTree,
  readDeviceTree,
  writeDeviceTree,
} from '@pfo-workbench/powervm'
import { pseriesPlatform } from '@pfo-workbench/pseries'
import { pseriesRngModule } from '@pfo-workbench/pseries-rng'
import { vio } from '@pfo-workbench/vio'
import type { ReplayJob } from '../job.ts'
import { FACILITIES_NAME } from '../node-kinds.ts'
import { hvcConsole } from './hvc-console.kernel.ts'
import { dynamicNodes } from './dynamic-nodes.ts'

/** A machine like the recorded one, and the firmware under it. */
export interface RecordedMachine {
  readonly machine: Machine
  readonly partition: Partition
  /** Number of the first event that the observer could see: it is set up just before `of_core_init`. */
  readonly observedFrom: number
}

/**
 * Handles of the recorded machine: more than 32 and at most 64, so that its phandle cache had 64 slots. The models'
 * device tree has fewer; nodes with a handle and nothing else make up for them, so that the slots agree.
 */
const HANDLES = 40

/** The children that are `OF_DYNAMIC` from boot in some recordings: the observer's firmware added them. */
const ADDED_CHILDREN = ['ibm,compression-v1', 'ibm,sym-encryption-v1']

/** Boots the machine that a job is played on. Its configuration is that of the recorded kernel. */
export function bootRecordedMachine(job: ReplayJob): RecordedMachine {
  const partition = new Partition({ blob: paddedDeviceTree(), endian: 'little' })
  let observedFrom = 0
  const observer: Subsystem = {
    name: 'observer',
    initcalls: [{ level: 'driver_init', fn: () => void (observedFrom = currentMachine().events.length) }],
  }
  const subsystems: Subsystem[] = [observer, ofCore]
  let devicetree = partition.devicetree()
  if (job.dynamicChildren) {
    const { blob, taken } = withoutAddedChildren(devicetree)
    devicetree = blob
    subsystems.push(dynamicNodes(FACILITIES_NAME, taken))
  }
  const machine = bootMachine({
    config: { slubPoison: job.slubPoison },
    devicetree,
    firmware: partition,
    subsystems: [...subsystems, pseriesPlatform, vio, hvcConsole],
    modules: [pseriesRngModule, nx842Module, nxCryptoModule],
  })
  return { machine, partition, observedFrom }
}

function paddedDeviceTree(): Uint8Array {
  const tree = readDeviceTree(pseriesQemuDeviceTree())
  const count = countNodes(tree.root)
  for (let handle = count + 1; handle <= HANDLES; handle++) {
    tree.root.children.push({
      name: `filler@${handle.toString(16)}`,
      properties: [{ name: 'phandle', value: cells([0x2000 + handle]) }],
      children: [],
    })
  }
  return writeDeviceTree(tree)
}

function countNodes(node: FirmwareNode): number {
  return node.children.reduce((count, child) => count + countNodes(child), 1)
}

/** The boot tree without the children that are made dynamic, and those children. */
function withoutAddedChildren(blob: Uint8Array): { blob: Uint8Array; taken: readonly FirmwareNode[] } {
  const tree = readDeviceTree(blob)
  const parent = tree.root.children.find(({ name }) => name === FACILITIES_NAME)
  if (parent === undefined) return { blob, taken: [] }
  const taken = parent.children.filter(({ name }) => ADDED_CHILDREN.includes(name))
  parent.children = parent.children.filter((child) => !taken.includes(child))
  return { blob: writeDeviceTree(tree), taken }
}
