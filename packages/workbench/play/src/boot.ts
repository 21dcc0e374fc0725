// SPDX-License-Identifier: GPL-2.0-only
import type { Partition } from '@pfo-workbench/powervm'
import type { MachineConfig, Subject } from '@pfo-workbench/run'

/** Options of the machine to boot. */
export interface BootOptions {
  readonly config: MachineConfig
  /** Firmware of the partition. Provides the device tree to boot from. */
  readonly partition: Partition
  /** Also record allocations and sysfs changes. They are most of the events and are rarely needed. */
  readonly backgroundEvents: boolean
}

/** Boots a machine. An engine implements this function so that scenarios can be played on it. */
export type Boot = (options: BootOptions) => Subject
