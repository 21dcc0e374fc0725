// SPDX-License-Identifier: GPL-2.0-only
import { type FirmwareNode, type Partition, type PlacedNode, propertyOf } from '@pfo-workbench/powervm'
import type { FirmwareChange, KernelNode, KernelState, NodeState, Snapshot, Step } from '@pfo-workbench/run'

/** State of firmware, with which the state of the kernel is compared. */
export interface FirmwareState {
  readonly partition: Partition
  readonly changes: readonly FirmwareChange[]
  readonly facilities: FirmwareNode
}

/**
 * Combines the state of the kernel with the state of firmware.
 *
 * @param kernel - state of the kernel at rest
 * @param firmware - the partition, the changes that firmware made on its own so far, and the facilities as PowerVM
 * describes them
 */
export function snapshotOf(kernel: KernelState, { partition, changes, facilities }: FirmwareState): Snapshot {
  const firmware = partition.tree()
  return {
    nodes: kernel.nodes.map((node) => nodeState(node, firmware, changes)),
    phandleCache: kernel.phandleCache,
    vio: kernel.vio.map(({ object, device, driver, node, files, settings }) => {
      const state = kernel.nodes.find((candidate) => candidate.object === node)
      return {
        object,
        device,
        driver,
        node,
        files,
        enabled: isEnabled(state, firmware),
        complete: isComplete(state, facilities),
        outdated: outdated(state, firmware, changes),
        settings,
      }
    }),
    ...(kernel.files === undefined ? {} : { files: kernel.files }),
    firmware: firmware.map(({ path }) => path),
  }
}

function nodeState(
  node: KernelNode,
  firmware: readonly PlacedNode[],
  changes: readonly FirmwareChange[],
): NodeState {
  const { object, path, generation, life, refcount, flags, phandle, inTree, sysfs } = node
  const old = outdated(node, firmware, changes)
  const state = { object, path, generation, life, refcount, flags, phandle, inTree, sysfs }
  return old.length === 0 ? state : { ...state, outdated: old }
}

/** First string in a property's value. */
function firstText(value: Uint8Array): string {
  const end = value.indexOf(0)
  return String.fromCharCode(...value.subarray(0, end < 0 ? value.length : end))
}

/** False if firmware's "status" of the device's node disables it. True if firmware has no such node or no "status". */
function isEnabled(node: KernelNode | undefined, firmware: readonly PlacedNode[]): boolean {
  const offered = firmware.find(({ path }) => path === node?.path)?.node
  const status = offered === undefined ? undefined : propertyOf(offered, 'status')
  return status === undefined || ['okay', 'ok'].includes(firstText(status))
}

/** Properties that describe the capabilities of a facility. */
const capabilities = ['status', 'ibm,max-sg-len', 'ibm,max-sync-cop']

/** True if a node is not freed, belongs to a facility, and has the capabilities that the facility has on PowerVM. */
function isComplete(node: KernelNode | undefined, facilities: FirmwareNode): boolean {
  const usual = facilities.children.find(({ name }) => node?.path === `/${facilities.name}/${name}`)
  if (node === undefined || node.life === 'freed' || usual === undefined) return false
  return capabilities.every((name) => sameBytes(node.properties[name], propertyOf(usual, name)))
}

/** Names of properties that firmware changed and whose values in the node differ from firmware's current values. */
function outdated(
  node: KernelNode | undefined,
  firmware: readonly PlacedNode[],
  changes: readonly FirmwareChange[],
): string[] {
  if (node === undefined || node.life === 'freed' || changes.length === 0) return []
  const offered = firmware.find(({ path }) => path === node.path)?.node
  if (offered === undefined) return []
  const names = changes.filter((change) => change.node === node.path).map(({ property }) => property)
  return [...new Set(names)].filter((name) => !sameBytes(node.properties[name], propertyOf(offered, name)))
}

/** True if both values are equal or both are missing. */
function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** Value, in firmware's tree, of the property that an update step changes; undefined for other steps. */
export function watchedValue(step: Step, partition: Partition): Uint8Array | undefined {
  if (!('update' in step)) return undefined
  const { node, property } = step.update
  const placed = partition.tree().find(({ path }) => path === node)
  return placed === undefined ? undefined : propertyOf(placed.node, property)
}

/**
 * Change that an update step made in firmware's tree. Empty for other steps, and if the value is the same or the
 * migration did not start.
 *
 * @param before - value of the watched property before the step
 * @param after - value of the watched property after the step
 */
export function changedBy(
  step: Step,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): FirmwareChange[] {
  if (!('update' in step) || sameBytes(before, after)) return []
  const { node, property } = step.update
  return [{ node, property }]
}
