// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '@pfo-workbench/kernel'
import {
  COMPRESSION,
  FACILITIES,
  type Properties,
  RANDOM,
  SYM_ENCRYPTION,
  type TreeOptions,
  bootTree,
  words,
} from '@pfo-workbench/testing'
import { vio } from '../src/index.ts'

/** A platform facility with the common properties. */
export function facility(name: string, compatible: string, resourceId: number): Properties {
  return { name, compatible, status: 'okay', 'ibm,resource-id': words([resourceId]) }
}

export const facilities: Readonly<Record<string, Properties>> = {
  [FACILITIES]: { name: 'ibm,platform-facilities', device_type: 'ibm,platform-facilities' },
  // Attaching a node makes it the first child, so the last one here ends up first.
  [SYM_ENCRYPTION]: facility('ibm,sym-encryption-v1', 'ibm,sym-encryption', 3),
  [COMPRESSION]: facility('ibm,compression-v1', 'ibm,compression', 2),
  [RANDOM]: facility('ibm,random-v1', 'ibm,random', 1),
}

/** The parent of virtual devices, with a console. */
export const vdevices: Readonly<Record<string, Properties>> = {
  '/vdevice': { name: 'vdevice', device_type: 'vdevice' },
  '/vdevice/vty@30000000': {
    name: 'vty',
    device_type: 'serial',
    compatible: 'hvterm1',
    reg: words([0x30000000]),
    interrupts: words([0x1001, 0]),
  },
}

/** A machine with these nodes in its tree before the VIO bus scans it. */
export function boot(nodes: Readonly<Record<string, Properties>>, options: TreeOptions = {}): Machine {
  return bootTree(nodes, { subsystems: [vio], ...options })
}
