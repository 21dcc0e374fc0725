// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '@pfo-workbench/kernel'
import {
  FACILITIES,
  type Properties,
  RANDOM,
  type TreeOptions,
  bootTree,
  words,
} from '@pfo-workbench/testing'
import { vio } from '@pfo-workbench/vio'
import { pseriesRngModule } from '../src/index.ts'

export const facilities: Readonly<Record<string, Properties>> = {
  [FACILITIES]: { name: 'ibm,platform-facilities', device_type: 'ibm,platform-facilities' },
  [RANDOM]: { name: 'ibm,random-v1', compatible: 'ibm,random', 'ibm,resource-id': words([1]) },
}

/** A machine with these nodes in its tree before the VIO bus scans it. */
export function boot(nodes: Readonly<Record<string, Properties>>, options: TreeOptions = {}): Machine {
  return bootTree(nodes, { subsystems: [vio], modules: [pseriesRngModule], ...options })
}
