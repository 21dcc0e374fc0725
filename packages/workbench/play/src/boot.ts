// SPDX-License-Identifier: GPL-2.0-only
import type { Partition } from '@pfo-workbench/powervm'
import type { MachineConfig, RunEventType, Subject } from '@pfo-workbench/run'

/** Whether the call chain of an event is to be recorded, from its type and its own fields. */
export type ChainChoice = (type: RunEventType, fields: Readonly<Record<string, unknown>>) => boolean

/** What is to be booted. */
export interface BootOptions {
  readonly config: MachineConfig
  /** The firmware under the kernel. It has the device tree to boot from. */
  readonly partition: Partition
  /** Which call chains are recorded. An engine for which they cost nothing may record all of them. */
  readonly callChains: true | ChainChoice
  /** Record allocations and changes of sysfs too: most of all events, and seldom looked at. */
  readonly backgroundEvents: boolean
}

/** Boots a machine: what an engine has to offer to have scenarios played on it. */
export type Boot = (options: BootOptions) => Subject
