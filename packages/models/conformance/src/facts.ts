// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedCacheSlot, RecordedLookup, RecordedNode, RecordedVioDevice } from './recording.ts'

/** How a replayed step ended: it came back with a status, an Oops killed it, or it waits for ever. */
export type ReplayedOutcome =
  | { readonly kind: 'completed'; readonly rc: number }
  | { readonly kind: 'killed' }
  | { readonly kind: 'hung' }

/** A reference taken or dropped, as the model's event has it. */
export interface ReplayedReference {
  readonly op: 'get' | 'put'
  readonly node: string
  readonly before: number
  readonly after: number
  /** All kernel functions, innermost first. */
  readonly chain: readonly string[]
  /** `already released`, or nothing. */
  readonly remark: string
}

/** Something in the life of a node, in the words of the recordings. */
export interface ReplayedLifeEvent {
  readonly text: string
  /** Innermost first; empty where the recordings name no callers. */
  readonly chain: readonly string[]
}

/** A WARNING, BUG, Oops or report of the lock checks. */
export interface ReplayedReport {
  readonly text: string
  /** The function that the report names as its place; empty for reports that name none. */
  readonly at: string
  /** All kernel functions, innermost first. */
  readonly trace: readonly string[]
}

/** What files and directories of sysfs said in a dump. */
export interface ReplayedFiles {
  readonly device_tree: readonly string[]
  readonly sysfs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly drivers: Readonly<Record<string, readonly string[]>>
  readonly misc: Readonly<Record<string, string>>
}

/** What the observer sees in a dump. */
export interface ReplayedState {
  readonly nodes: readonly RecordedNode[]
  readonly phandle_cache: readonly RecordedCacheSlot[]
  readonly vio: readonly RecordedVioDevice[]
}

/** What a task did. */
export interface Happenings {
  readonly console: readonly string[]
  readonly refs: readonly ReplayedReference[]
  readonly lifecycle: readonly ReplayedLifeEvent[]
  readonly reports: readonly ReplayedReport[]
  /** Results of what the kernel did for each entry of firmware's node list, as the recordings write them. */
  readonly calls: readonly string[]
  /** Lookups by handle that read a freed node: the node and the handle read there. */
  readonly freedReads: readonly { readonly node: string; readonly value: string }[]
}

/** What happened in one step, or in the boot. */
export interface ReplayedStep extends Happenings, ReplayedState, ReplayedFiles {
  readonly step: number
  readonly outcome: ReplayedOutcome
  /** What `pseries_devicetree_update` returned, if the step called it and it came back. */
  readonly updateResult: number | null
  /** What workers did, with work that the step queued. */
  readonly worker: Happenings
  readonly lookups: readonly RecordedLookup[]
}

/** A replayed run. `steps[0]` is the boot. */
export interface ReplayedRun {
  readonly steps: readonly ReplayedStep[]
}
