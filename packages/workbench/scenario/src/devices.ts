// SPDX-License-Identifier: GPL-2.0-only
import {
  fromBytes,
  isFreed,
  kernfs_get_target_path,
  type kernfs_node,
  kernfsPath,
  type Machine,
  objectId,
  sysfsRoot,
} from '@pfo-workbench/kernel'
import { nx842Snapshot } from '@pfo-workbench/nx-842'
import { nxCryptoSnapshot } from '@pfo-workbench/nx-crypto'
import type { NodeSnapshot } from '@pfo-workbench/of'
import { type PlacedNode, propertyOf } from '@pfo-workbench/powervm'
import { vioDevicesSnapshot, type VioDeviceSnapshot } from '@pfo-workbench/vio'
import type { DeviceFiles, FirmwareChange, VioDeviceState } from './run.ts'

/** What the state of devices is judged by. */
export interface Surroundings {
  readonly nodes: readonly NodeSnapshot[]
  /** Firmware's own tree. */
  readonly firmware: readonly PlacedNode[]
  /** What firmware changed by itself until now. */
  readonly changes: readonly FirmwareChange[]
}

/** The devices of the VIO bus as they are now. Leaves no trace on the machine. */
export function deviceStates(machine: Machine, surroundings: Surroundings): VioDeviceState[] {
  return machine.inspect(() => vioDevicesSnapshot().map((one) => stateOf(one, surroundings)))
}

function stateOf(one: VioDeviceSnapshot, { nodes, firmware, changes }: Surroundings): VioDeviceState {
  const { object, device, driver, ofNode } = one
  const node = ofNode === null ? null : objectId(ofNode)
  const state = nodes.find((candidate) => candidate.object === node)
  return {
    object,
    device,
    driver,
    node,
    files: filesOf(one, state),
    enabled: isEnabled(state, firmware),
    outdated: outdated(state, firmware, changes),
    settings: driver === null ? null : settingsOf(one),
  }
}

/**
 * What the device's files in sysfs would give, without reading them: a read takes locks, and may die. Of freed memory
 * nothing can be known but that it is freed.
 */
function filesOf(
  { device, ofNode, name, type }: VioDeviceSnapshot,
  node: NodeSnapshot | undefined,
): DeviceFiles {
  const freed = ofNode !== null && isFreed(ofNode)
  const compatible = node?.properties['compatible']
  const first = compatible === undefined ? undefined : (fromBytes(compatible).split('\0')[0] ?? '')
  return {
    name: freed ? freedMemory : (name ?? '(null)'),
    devspec: freed ? freedMemory : (node?.path ?? '(null)'),
    modalias: freed ? freedMemory : first === undefined ? '' : `vio:T${type ?? '(null)'}S${first}`,
    of_node: linkOf(device),
  }
}

const freedMemory = '<freed memory>'

/** Where a device's link to its node leads to, if it leads anywhere. */
function linkOf(device: string): string | null {
  const link = walk(['devices', 'vio', device, 'of_node'])
  if (link?.kind !== 'link' || link.parent === null) return null
  const target = `${kernfsPath(link.parent)}/${kernfs_get_target_path(link)}`
  return walk(target.split('/')) === null ? null : target
}

/** The entry of sysfs at a path of plain names and "..". */
function walk(components: readonly string[]): kernfs_node | null {
  let at: kernfs_node | null = sysfsRoot()
  for (const component of components) {
    if (component === '') continue
    at = (component === '..' ? at.parent : at.children.get(component)) ?? null
    if (at === null) return null
  }
  return at
}

/** Whether firmware has the node of a device and does not say that it must not be used. */
function isEnabled(node: NodeSnapshot | undefined, firmware: readonly PlacedNode[]): boolean {
  const offered = firmware.find(({ path }) => path === node?.path)?.node
  const status = offered === undefined ? undefined : propertyOf(offered, 'status')
  return status === undefined || ['okay', 'ok'].includes(fromBytes(status).split('\0')[0] ?? '')
}

/** Names of the properties that firmware changed and that a device's node does not have as firmware has them now. */
function outdated(
  node: NodeSnapshot | undefined,
  firmware: readonly PlacedNode[],
  changes: readonly FirmwareChange[],
): string[] {
  if (node === undefined || node.life === 'freed') return []
  const offered = firmware.find(({ path }) => path === node.path)?.node
  if (offered === undefined) return []
  const names = changes.filter((change) => change.node === node.path).map(({ property }) => property)
  return [...new Set(names)].filter((name) => !sameBytes(node.properties[name], propertyOf(offered, name)))
}

/** Whether two values are the same; one that is not there is the same as one that is not there. */
export function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** What the bound driver has made of the properties of its node, for those drivers that make something of them. */
function settingsOf({ object, device, driver }: VioDeviceSnapshot): string | null {
  const compression = driver === 'nx_compress_pseries' ? nx842Snapshot() : null
  if (compression?.device === device) {
    const { maxSgLen, maxSyncSize, maxSyncSg } = compression
    return JSON.stringify({ maxSgLen, maxSyncSize, maxSyncSg })
  }
  const crypto = driver === 'nx-crypto' ? nxCryptoSnapshot() : null
  return crypto?.viodev === object
    ? JSON.stringify({ status: crypto.status, maxSgLen: crypto.maxSgLen })
    : null
}
