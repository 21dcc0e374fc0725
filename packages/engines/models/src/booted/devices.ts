// SPDX-License-Identifier: GPL-2.0-only
import {
  kernfs_get_target_path,
  type kernfs_node,
  kernfsPath,
  type Machine,
  objectId,
  sysfsRoot,
} from '@pfo-workbench/kernel'
import { nx842Snapshot } from '@pfo-workbench/nx-842'
import { nxCryptoSnapshot } from '@pfo-workbench/nx-crypto'
import type { DeviceFiles, KernelDevice, PseudoFile } from '@pfo-workbench/run'
import { pseudoFileContent } from './pseudo-files.ts'
import { vioDevicesSnapshot, type VioDeviceSnapshot } from '@pfo-workbench/vio'

/**
 * Current devices of the VIO bus. Reading them has no side effects on the machine.
 *
 * @param files - the files of sysfs
 */
export function deviceStates(machine: Machine, files: ReadonlyMap<string, PseudoFile>): KernelDevice[] {
  const devices = machine.inspect(() =>
    vioDevicesSnapshot().map((one) => ({
      object: one.object,
      device: one.device,
      driver: one.driver,
      node: one.ofNode === null ? null : objectId(one.ofNode),
      of_node: linkOf(one.device),
      settings: one.driver === null ? null : settingsOf(one),
    })),
  )
  return devices.map(({ of_node, ...one }) => ({
    ...one,
    files: { ...attributesOf(files, one.device), of_node },
  }))
}

/** Content of the device's files, without the trailing newline. */
function attributesOf(files: ReadonlyMap<string, PseudoFile>, device: string): Omit<DeviceFiles, 'of_node'> {
  const read = (name: string): string | null =>
    pseudoFileContent(`/sys/devices/vio/${device}/${name}`, files)?.replace(/\n$/, '') ?? null
  return { name: read('name'), devspec: read('devspec'), modalias: read('modalias') }
}

/** Target of a device's `of_node` link; null if the link is dangling or missing. */
function linkOf(device: string): string | null {
  const link = walk(['devices', 'vio', device, 'of_node'])
  if (link?.kind !== 'link' || link.parent === null) return null
  const target = `${kernfsPath(link.parent)}/${kernfs_get_target_path(link)}`
  return walk(target.split('/')) === null ? null : target
}

/** Looks up the sysfs entry at a path of plain names and "..". */
function walk(components: readonly string[]): kernfs_node | null {
  let at: kernfs_node | null = sysfsRoot()
  for (const component of components) {
    if (component === '') continue
    at = (component === '..' ? at.parent : at.children.get(component)) ?? null
    if (at === null) return null
  }
  return at
}

/**
 * Settings that the bound driver derived from its node's properties; null for drivers that derive none, and if the
 * driver's data is for another device.
 */
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
