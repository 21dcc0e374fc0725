// SPDX-License-Identifier: GPL-2.0-only
import {
  cells,
  type FirmwareNode,
  Partition,
  pseriesQemuDeviceTree,
  readDeviceTree,
  writeDeviceTree,
} from '@pfo-workbench/powervm'
import type { ReplayJob } from '../job.ts'
import { facilitiesName } from '../node-kinds.ts'

/** Firmware like that of the recorded machine, and the boot tree of its kernel. */
export interface RecordedPartition {
  readonly partition: Partition
  /** The blob that the kernel unflattens. */
  readonly devicetree: Uint8Array
  /**
   * Nodes that were allocated and flagged `OF_DYNAMIC` before `of_core_init`, in order, with the path of their parent.
   */
  readonly dynamic: readonly { readonly parent: string; readonly node: FirmwareNode }[]
}

/**
 * Number of phandles on the recorded machine: between 33 and 64, because its phandle cache had 64 slots. The
 * workbench's device tree has fewer. Filler nodes with only a phandle make the slots agree.
 */
const handleCount = 40

/** The children that are `OF_DYNAMIC` from boot in some recordings, added by the observer's firmware. */
const addedChildren = ['ibm,compression-v1', 'ibm,sym-encryption-v1']

/** Creates the firmware for a job. */
export function recordedPartition({
  dynamicChildren,
  dynamicParent,
}: Pick<ReplayJob, 'dynamicChildren' | 'dynamicParent'>): RecordedPartition {
  const partition = new Partition({ blob: paddedDeviceTree(), endian: 'little' })
  const tree = readDeviceTree(partition.devicetree())
  const parent = tree.root.children.find(({ name }) => name === facilitiesName)
  if (parent === undefined) throw new Error(`the device tree has no ${facilitiesName}`)
  const isDynamic = ({ name }: FirmwareNode): boolean =>
    dynamicParent || (dynamicChildren && addedChildren.includes(name))
  const children = parent.children.filter(isDynamic)
  parent.children = parent.children.filter((child) => !isDynamic(child))
  if (dynamicParent) tree.root.children = tree.root.children.filter((child) => child !== parent)
  return {
    partition,
    devicetree: children.length === 0 ? partition.devicetree() : writeDeviceTree(tree),
    dynamic: [
      ...(dynamicParent ? [{ parent: '/', node: parent }] : []),
      ...children.map((node) => ({ parent: `/${facilitiesName}`, node })),
    ],
  }
}

function paddedDeviceTree(): Uint8Array {
  const tree = readDeviceTree(pseriesQemuDeviceTree())
  const count = countNodes(tree.root)
  for (let handle = count + 1; handle <= handleCount; handle++) {
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
