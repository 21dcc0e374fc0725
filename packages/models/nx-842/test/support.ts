// SPDX-License-Identifier: GPL-2.0-only
import type { device, Machine } from '@pfo-workbench/kernel'
import { of_update_property } from '@pfo-workbench/of'
import {
  COMPRESSION,
  FACILITIES,
  type Properties,
  type TreeOptions,
  bootTree,
  newProperty,
  nodeAt,
  withChanges,
  words,
} from '@pfo-workbench/testing'
import { vio } from '@pfo-workbench/vio'
import { deviceNamed } from '@pfo-workbench/vio/testing'
import { nx842Module } from '../src/index.ts'

export const MODULE = 'nx_compress_pseries'

/** Value of "ibm,max-sync-cop": compression and decompression with the same limits. */
export function syncCop(bytes: number, sg: number): Uint8Array {
  return words([1, bytes, sg, 1, bytes, sg])
}

export const compression: Properties = {
  name: 'ibm,compression-v1',
  compatible: 'ibm,compression',
  status: 'okay',
  'ibm,resource-id': words([2]),
  'ibm,max-sg-len': words([0xff0]),
  'ibm,max-sync-cop': syncCop(0x1000, 0x1fe),
}

export const facilities: Readonly<Record<string, Properties>> = {
  [FACILITIES]: { name: 'ibm,platform-facilities', device_type: 'ibm,platform-facilities' },
  [COMPRESSION]: compression,
}

/** The facilities with changed properties of the compression node; undefined removes a property. */
export function withCompression(
  changes: Readonly<Record<string, string | Uint8Array | undefined>>,
): typeof facilities {
  return { ...facilities, [COMPRESSION]: withChanges(compression, changes) }
}

/** A machine with these nodes in its tree before the VIO bus scans it. */
export function boot(nodes: Readonly<Record<string, Properties>>, options: TreeOptions = {}): Machine {
  return bootTree(nodes, { subsystems: [vio], modules: [nx842Module], ...options })
}

/** The compression device, without a reference. */
export const compressionDevice = (): device => deviceNamed('ibm,compression-v1')

/** Replaces the value of a property like firmware, which notifies the chain. */
export function updateProperty(path: string, name: string, value: string | Uint8Array): void {
  of_update_property(nodeAt(path), newProperty(name, value))
}
