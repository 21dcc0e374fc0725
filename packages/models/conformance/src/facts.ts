// SPDX-License-Identifier: GPL-2.0-only
import type { RecordedCacheSlot, RecordedLookup, RecordedNode, RecordedVioDevice } from './line-schema.ts'

/** Outcome of a replayed step: it returned a status, was killed by an Oops, or hangs forever. */
export type ReplayedOutcome =
  | { readonly kind: 'completed'; readonly rc: number }
  | { readonly kind: 'killed' }
  | { readonly kind: 'hung' }

/** A reference taken or dropped, from an event of the kernel. */
export interface ReplayedReference {
  readonly op: 'get' | 'put'
  readonly node: string
  readonly before: number
  readonly after: number
  /** All kernel functions, innermost first. */
  readonly chain: readonly string[]
  /** `already released`, or empty. */
  readonly remark: string
}

/** An event in the life of a node, in the format of the recordings. */
export interface ReplayedLifeEvent {
  readonly text: string
  /** Innermost first; empty if the recordings name no callers. */
  readonly chain: readonly string[]
}

/** A WARNING, BUG, Oops or lock report. */
export interface ReplayedReport {
  readonly text: string
  /** The function that the report names as its location; empty if it names none. */
  readonly at: string
  /** All kernel functions, innermost first. */
  readonly trace: readonly string[]
}

/** Content of sysfs in a dump, and the registered services (`misc`). */
export interface ReplayedFiles {
  readonly device_tree: readonly string[]
  readonly sysfs: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly drivers: Readonly<Record<string, readonly string[]>>
  readonly misc: Readonly<Record<string, string>>
}

/** The observer's state in a dump. */
export interface ReplayedState {
  readonly nodes: readonly RecordedNode[]
  readonly phandle_cache: readonly RecordedCacheSlot[]
  readonly vio: readonly RecordedVioDevice[]
}

/** The events of a task. */
export interface TaskEvents {
  readonly console: readonly string[]
  readonly refs: readonly ReplayedReference[]
  readonly lifecycle: readonly ReplayedLifeEvent[]
  readonly reports: readonly ReplayedReport[]
  /** Results of the entries of firmware's node list, in the format of the recordings. */
  readonly calls: readonly string[]
  /** Lookups by phandle that read a freed node: the node, and the phandle in it. */
  readonly freedReads: readonly { readonly node: string; readonly value: string }[]
}

/** The events and state of one step, or of the boot. */
export interface ReplayedStep extends TaskEvents, ReplayedState, ReplayedFiles {
  readonly step: number
  readonly outcome: ReplayedOutcome
  /** Result of `pseries_devicetree_update`; null if the step did not call it, or if it did not return. */
  readonly updateResult: number | null
  /** Events of workers that executed work queued by the step. */
  readonly worker: TaskEvents
  readonly lookups: readonly RecordedLookup[]
}

/** A replayed run. `steps[0]` is the boot. */
export interface ReplayedRun {
  readonly steps: readonly ReplayedStep[]
}
