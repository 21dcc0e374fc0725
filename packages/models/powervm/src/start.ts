// SPDX-License-Identifier: GPL-2.0-only
import { adoptConnectors, completeNode, giveHandles, giveTokens } from './boot-tree.ts'
import type { Endian } from './bytes.ts'
import type { DeviceTreeBlob } from './fdt-format.ts'
import { readDeviceTree } from './fdt-read.ts'
import { writeDeviceTree } from './fdt-write.ts'
import { childPath, cloneNode, type FirmwareNode, handleOf, placedNodes } from './firmware-node.ts'
import { PartitionError } from './partition-error.ts'
import { platformFacilities } from './platform-facilities.ts'
import { makeSpareProcessors } from './processors.ts'
import { pseriesQemuDeviceTree } from './pseries-qemu-dtb.ts'
import type { RtasServiceName } from './rtas/names.ts'
import type { FirmwareState } from './state.ts'

/** Options of a partition. */
export interface PartitionOptions {
  /** A flattened device tree to start with. Default: that of QEMU's pseries machine. */
  readonly blob?: Uint8Array
  /** A node with its subtree, merged into the blob below `/`. Default: `platformFacilities(endian)`. */
  readonly description?: FirmwareNode
  /**
   * The kernel's byte order, used in the default description for the properties that nx-crypto reads. Default: little.
   */
  readonly endian?: Endian
  /**
   * `separate` (default): no other node shares a slot of the kernel's phandle cache with a described node. `colliding`:
   * for each described node, one node without a phandle gets one that shares the slot.
   */
  readonly phandles?: 'separate' | 'colliding'
  /** Number of processors that firmware can add to those in the tree. Default: none. */
  readonly spareProcessors?: number
}

/** The first tree and the services of a partition. Partitions share this object, so no partition modifies it. */
export interface PartitionStart extends Readonly<
  Pick<FirmwareState, 'root' | 'known' | 'describedPath' | 'connectors'>
> {
  readonly services: ReadonlyMap<number, RtasServiceName>
  readonly blob: DeviceTreeBlob
  /** The tree, flattened. */
  readonly flattened: Uint8Array
}

/** Cache of the starts with the default device tree and description. Most runs use one of a few such starts. */
const usualStarts = new Map<string, PartitionStart>()

/**
 * Prepares the tree of a partition.
 *
 * @throws FdtError if the blob is malformed
 * @throws PartitionError if blob and description conflict, if the description lacks a phandle or its DRC index, or if
 * the tree does not allow `spareProcessors`
 */
export function preparePartition(options: PartitionOptions): PartitionStart {
  const { blob, description, endian = 'little', phandles = 'separate', spareProcessors = 0 } = options
  if (blob !== undefined || description !== undefined) return prepare(options)
  const key = `${endian} ${phandles} ${String(spareProcessors)}`
  let start = usualStarts.get(key)
  if (start === undefined) {
    start = prepare(options)
    const { root, known } = start
    // Copies of the nodes share these lists.
    for (const { node } of placedNodes(root)) Object.freeze(node.properties)
    for (const { properties } of known.values()) Object.freeze(properties)
    usualStarts.set(key, start)
  }
  return start
}

function prepare(options: PartitionOptions): PartitionStart {
  const described = options.description ?? platformFacilities(options.endian)
  const describedPath = childPath('/', described.name)
  for (const { path, node } of placedNodes(described, describedPath)) {
    if (handleOf(node) === 0) throw new PartitionError(`${path}: a described node needs an "ibm,phandle"`)
  }
  if (described.drcIndex === undefined) {
    throw new PartitionError(
      `${describedPath}: the described node needs a DRC index, because migrations add it`,
    )
  }
  const blob = readDeviceTree(options.blob ?? pseriesQemuDeviceTree())
  const { root } = blob
  completeNode(root, described)
  const services = giveTokens(root)
  const spare = makeSpareProcessors(root, options.spareProcessors ?? 0)
  giveHandles(root, described, options.phandles ?? 'separate')
  adoptConnectors(root)
  const content = [...placedNodes(root), ...placedNodes(described, describedPath), ...spare]
  return {
    root,
    known: new Map(content.map(({ path, node }) => [path, cloneNode(node, [])])),
    describedPath,
    connectors: new Map(spare.map(({ node }) => [node.drcIndex ?? 0, 'unusable'])),
    services,
    blob,
    flattened: writeDeviceTree(blob),
  }
}

/** The initial state of a partition: copies of the shared nodes and connectors, no notices, and no scripted results. */
export function initialFirmwareState({
  root,
  known,
  describedPath,
  connectors,
}: PartitionStart): FirmwareState {
  return {
    root: cloneNode(root),
    known: new Map([...known].map(([path, node]) => [path, cloneNode(node, [])])),
    describedPath,
    behaviour: {},
    prepared: null,
    nodeNotices: [],
    propertyNotices: [],
    connectors: new Map(connectors),
    scripted: new Map(),
    vasi: [],
  }
}
