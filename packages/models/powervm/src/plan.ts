// SPDX-License-Identifier: GPL-2.0-only
import type { RtasServiceName } from './rtas/names.ts'
import type { NodeNotice } from './node-notice.ts'

/** A change of one property, as sent by ibm,update-properties. */
export type PropertyChange =
  | {
      readonly kind: 'set'
      readonly name: string
      /** Not empty: a descriptor of length 0 has another meaning (`kind: 'name'`). */
      readonly value: Uint8Array
      /**
       * Maximum size of the pieces in which the value is sent, one per call. By default only a value that exceeds one
       * work area is split.
       */
      readonly pieceSize?: number
    }
  | { readonly kind: 'remove'; readonly name: string }
  /** The property is sent without a value: the kernel leaves its value unchanged. */
  | { readonly kind: 'name'; readonly name: string }

/** Property changes of one node. */
export interface NodeChange {
  /** Path of the node in firmware's tree. */
  readonly node: string
  readonly properties: readonly PropertyChange[]
}

/** A group of ibm,update-nodes with an action that the kernel does not know. Each entry is one word. */
export interface UnknownGroup {
  readonly action: number
  readonly words: readonly number[]
}

/**
 * The statuses of the next calls per service, one per call. A call with status 0, or after the last status, is
 * executed. Any other status is returned and changes nothing, so a call repeated after "busy" (-2) continues where it
 * was.
 */
export type RtasStatuses = { readonly [Name in RtasServiceName]?: readonly number[] }

/** States of a migration, as returned by H_VASI_STATE. */
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

/**
 * Says what a migration does to the nodes and how firmware reports the changes. Omitted fields behave as on PowerVM.
 */
export interface MigrationPlan {
  /**
   * `hierarchy` (default): one ADD for each topmost added node; ibm,configure-connector returns that node with its
   * subtree. `per-node`: one ADD for each node, parents first; each answer is that node alone.
   */
  readonly readd?: 'hierarchy' | 'per-node'
  /** Paths that firmware deletes, in this order. Default: the described nodes that exist, children first. */
  readonly deletes?: readonly string[]
  /** Added paths, parents before children. Default: all deleted nodes, with their subtrees. */
  readonly adds?: readonly string[]
  /** Changed properties. Nodes that are added have the new values; the others get an UPDATE. */
  readonly changes?: readonly NodeChange[]
  /** True if ibm,configure-connector sends the property "name" (default true). */
  readonly nameProperty?: boolean
  /**
   * Maximum number of entries in one answer of ibm,update-nodes; further calls return the rest. Default: as many as
   * fit.
   */
  readonly nodesPerCall?: number
  /** Sent before all other groups. */
  readonly unknownGroups?: readonly UnknownGroup[]
  /**
   * Takes effect immediately, so that the suspension itself can fail. The rest of the plan takes effect after the
   * suspension.
   */
  readonly statuses?: RtasStatuses
  /**
   * Results of the next H_VASI_STATE calls: a state, or the status of a failed call. Takes effect immediately. After
   * the last one, or without any, the state is `suspending`.
   */
  readonly vasi?: readonly (VasiState | number)[]
}

/** A plan that was checked against the tree. */
export interface ResolvedMigration {
  readonly plan: MigrationPlan
  readonly deletes: readonly string[]
  readonly adds: readonly string[]
  readonly notices: readonly NodeNotice[]
}
