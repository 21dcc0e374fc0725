// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '@pfo-workbench/kernel'

/** An event of a run as it leaves the machine: plain data. `type` says which other fields there are. */
export interface RunEvent {
  readonly type: string
  readonly seq: number
  /** Number of the step; 0 is the boot. */
  readonly step: number
  readonly task: string
  /** Kernel functions of the call chain, innermost first. */
  readonly chain: readonly string[]
  readonly [field: string]: unknown
}

/** A device tree node of the running kernel, alive or not. */
export interface NodeState {
  readonly object: string
  readonly path: string
  /** How many nodes of this path there were before it; 0 came with the boot tree. */
  readonly generation: number
  readonly life: 'allocated' | 'released' | 'freed'
  readonly refcount: number
  readonly flags: readonly string[]
  readonly phandle: number
  readonly inTree: boolean
  readonly sysfs: string | null
}

/** What a device's files in sysfs give: texts without the newline. */
export interface DeviceFiles {
  readonly name: string
  readonly devspec: string
  readonly modalias: string
  /** Where the link leads to; null if nowhere, or if there is none. */
  readonly of_node: string | null
}

/** A property that firmware gave another value. */
export interface FirmwareChange {
  /** Path of the node. */
  readonly node: string
  readonly property: string
}

/** A device of the VIO bus. */
export interface VioDeviceState {
  readonly object: string
  /** Name in sysfs. */
  readonly device: string
  readonly driver: string | null
  /** The node it refers to. */
  readonly node: string | null
  /** What its files in sysfs give. */
  readonly files: DeviceFiles
  /** Whether firmware lets the facility be used: the "status" that its own tree has at the path of the node. */
  readonly enabled: boolean
  /** Properties that firmware changed by itself and that its node does not have as firmware has them now. */
  readonly outdated: readonly string[]
  /** What the bound driver has made of its node's properties, as text; null for a driver that makes nothing of them. */
  readonly settings: string | null
}

/** The machine between two steps. */
export interface Snapshot {
  readonly nodes: readonly NodeState[]
  readonly phandleCache: readonly { readonly slot: number; readonly node: string; readonly freed: boolean }[]
  readonly vio: readonly VioDeviceState[]
  /** Paths of the nodes that firmware's own tree has now. */
  readonly firmware: readonly string[]
}

/** What one step did. */
export interface StepRecord {
  /** From 0, the boot. */
  readonly index: number
  readonly title: string
  /** What came back: results of the calls, or that they did not come back. */
  readonly result: string
  /** What firmware changed by itself in this step; what a migration brings is not meant. */
  readonly changes: readonly FirmwareChange[]
  readonly after: Snapshot
}

/** Everything that oracles and reports need to know of one run. */
export interface RunRecord {
  readonly scenario: string
  readonly outcome: Outcome
  readonly steps: readonly StepRecord[]
  readonly events: readonly RunEvent[]
  readonly console: readonly string[]
}
