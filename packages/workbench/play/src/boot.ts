// SPDX-License-Identifier: GPL-2.0-only
import type { Partition } from '@pfo-workbench/powervm'
import type { MachineConfig, Subject } from '@pfo-workbench/run'

/** What is to be booted. */
export interface BootOptions {
  readonly config: MachineConfig
  /** The firmware under the kernel. It has the device tree to boot from. */
  readonly partition: Partition
  /** Record allocations and changes of sysfs too: most of all events, and seldom looked at. */
  readonly backgroundEvents: boolean
}

/** Boots a machine: what an engine has to offer to have scenarios played on it. */
export type Boot = (options: BootOptions) => Subject
