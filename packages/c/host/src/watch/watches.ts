// SPDX-License-Identifier: GPL-2.0-only
import type { Watch } from '@pfo-workbench/machine'
import { devices } from './devices.ts'
import { mobility } from './mobility.ts'
import { nodes } from './nodes.ts'
import { notifiers } from './notifiers.ts'
import { properties } from './properties.ts'
import { references } from './references.ts'
import { sysfs } from './sysfs.ts'

/** The functions of a kernel whose calls are events of a run. */
export const watches: readonly Watch[] = [
  ...devices,
  ...mobility,
  ...nodes,
  ...notifiers,
  ...properties,
  ...references,
  ...sysfs,
]
