// SPDX-License-Identifier: GPL-2.0-only
import type { RtasServiceName } from './rtas/names.ts'
import type { NodeNotice } from './notice.ts'

/** A change of one property, as ibm,update-properties tells it. */
export type PropertyChange =
  | {
      readonly kind: 'set'
      readonly name: string
      /** Not empty: a descriptor of length 0 says something else (`kind: 'name'`). */
      readonly value: Uint8Array
      /** The value is sent in pieces of at most so many bytes, one a call. Without it, only what one area cannot hold is split. */
      readonly pieceSize?: number
    }
  | { readonly kind: 'remove'; readonly name: string }
  /** The property is named without a value, and keeps it. */
  | { readonly kind: 'name'; readonly name: string }

/** Changes of the properties of one node. */
export interface NodeChange {
  /** Path of the node in firmware's tree. */
  readonly node: string
  readonly properties: readonly PropertyChange[]
}

/** A group of ibm,update-nodes with an action that the kernel does not know, and its one-word entries. */
export interface UnknownGroup {
  readonly action: number
  readonly words: readonly number[]
}

/**
 * For each service the statuses of its next calls, one a call. A call whose turn is 0, or that comes after the last, is
 * served; any other status is returned and nothing else happens, so that a call repeated after "busy" (-2) goes on
 * where it was.
 */
export type RtasStatuses = { readonly [Name in RtasServiceName]?: readonly number[] }

/** How far a migration has come, as the hypervisor says when it is asked with H_VASI_STATE. */
export const VASI_STATES = [
  'invalid',
  'enabled',
  'aborted',
  'suspending',
  'suspended',
  'resumed',
  'completed',
] as const

/** One of `VASI_STATES`. */
export type VasiState = (typeof VASI_STATES)[number]

/** What a migration does to the nodes, and how firmware tells. Everything left out is as on PowerVM. */
export interface MigrationPlan {
  /**
   * `hierarchy` (default): one ADD for each topmost added node, whose ibm,configure-connector answer is that node with
   * those below it. `per-node`: an ADD for each, parents first, each answered by the node alone.
   */
  readonly readd?: 'hierarchy' | 'per-node'
  /** Paths that are deleted, in order of their DELETE. Default: the described nodes that there are, children first. */
  readonly deletes?: readonly string[]
  /** Paths that are added, parents before children. Default: all that the deletes took away. */
  readonly adds?: readonly string[]
  /** Properties that changed on the way. Nodes that are added show the new values, the others get an UPDATE. */
  readonly changes?: readonly NodeChange[]
  /** Whether ibm,configure-connector sends the property "name" (default true). */
  readonly nameProperty?: boolean
  /** Most entries in one answer of ibm,update-nodes, the rest following in further calls. Default: what the area holds. */
  readonly nodesPerCall?: number
  /** Sent in front of all other groups. */
  readonly unknownGroups?: readonly UnknownGroup[]
  /** In force at once, so that the suspension itself can fail; the rest of the plan when that has succeeded. */
  readonly statuses?: RtasStatuses
  /**
   * Answers to the next questions how far the migration has come: a state, or the status of a call that fails. In force at once.
   * Behind the last one, and without any, the partition may be suspended.
   */
  readonly vasi?: readonly (VasiState | number)[]
}

/** A plan that was held against the tree and found possible. */
export interface ResolvedMigration {
  readonly plan: MigrationPlan
  readonly deletes: readonly string[]
  readonly adds: readonly string[]
  readonly notices: readonly NodeNotice[]
}
