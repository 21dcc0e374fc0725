// SPDX-License-Identifier: GPL-2.0-only
import { type Partition, type PlacedNode, propertyOf } from '@pfo-workbench/powervm'
import type { FirmwareChange, KernelNode, KernelState, Snapshot, Step } from '@pfo-workbench/run'

/**
 * Combines the state of the kernel with the state of firmware.
 *
 * @param kernel - state of the kernel at rest
 * @param changes - changes that firmware made on its own so far
 */
export function snapshotOf(
  kernel: KernelState,
  partition: Partition,
  changes: readonly FirmwareChange[],
): Snapshot {
  const firmware = partition.tree()
  return {
    nodes: kernel.nodes.map(
      ({ object, path, generation, life, refcount, flags, phandle, inTree, sysfs }) => ({
        object,
        path,
        generation,
        life,
        refcount,
        flags,
        phandle,
        inTree,
        sysfs,
      }),
    ),
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
        outdated: outdated(state, firmware, changes),
        settings,
      }
    }),
    ...(kernel.files === undefined ? {} : { files: kernel.files }),
    firmware: firmware.map(({ path }) => path),
  }
}

/** First string in a property's value. */
function firstText(value: Uint8Array): string {
  const end = value.indexOf(0)
  return String.fromCharCode(...value.subarray(0, end < 0 ? value.length : end))
}

/** True if firmware has the device's node and its "status" does not disable it. */
function isEnabled(node: KernelNode | undefined, firmware: readonly PlacedNode[]): boolean {
  const offered = firmware.find(({ path }) => path === node?.path)?.node
  const status = offered === undefined ? undefined : propertyOf(offered, 'status')
  return status === undefined || ['okay', 'ok'].includes(firstText(status))
}

/**
 * Names of properties that firmware changed and whose values in the device's node differ from firmware's current
 * values.
 */
function outdated(
  node: KernelNode | undefined,
  firmware: readonly PlacedNode[],
  changes: readonly FirmwareChange[],
): string[] {
  if (node === undefined || node.life === 'freed') return []
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
 * Change that an update step made in firmware's tree. Empty if the value is the same or the migration did not start.
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
