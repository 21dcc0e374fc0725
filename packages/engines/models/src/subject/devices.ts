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
import type { DeviceFiles, KernelDevice } from '@pfo-workbench/run'
import { vioDevicesSnapshot, type VioDeviceSnapshot } from '@pfo-workbench/vio'

/** The devices of the VIO bus as they are now. Leaves no trace on the machine. */
export function deviceStates(machine: Machine, nodes: readonly NodeSnapshot[]): KernelDevice[] {
  return machine.inspect(() => vioDevicesSnapshot().map((one) => stateOf(one, nodes)))
}

function stateOf(one: VioDeviceSnapshot, nodes: readonly NodeSnapshot[]): KernelDevice {
  const { object, device, driver, ofNode } = one
  const node = ofNode === null ? null : objectId(ofNode)
  const state = nodes.find((candidate) => candidate.object === node)
  return {
    object,
    device,
    driver,
    node,
    files: filesOf(one, state),
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
