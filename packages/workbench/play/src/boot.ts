// SPDX-License-Identifier: GPL-2.0-only
import type { Partition } from '@pfo-workbench/powervm'
import type { MachineConfig, BootedKernel } from '@pfo-workbench/run'

/** Options of the machine to boot. */
export interface BootOptions {
  readonly config: MachineConfig
  /** Firmware of the partition. Provides the device tree to boot from. */
  readonly partition: Partition
  /** Also record allocations and sysfs changes. They are most of the events and are rarely needed. */
  readonly backgroundEvents: boolean
}

/** Boots a machine. An engine implements this function so that scenarios can be played on it. */
export interface Boot {
  (options: BootOptions): BootedKernel
  /** Byte order of the kernel, for scenarios that do not ask for one. Default: little. */
  readonly endian?: 'big' | 'little'
}
