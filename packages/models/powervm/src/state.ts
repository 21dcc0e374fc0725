// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareNode } from './firmware-node.ts'
import type { MigrationPlan, PropertyChange, ResolvedMigration } from './plan.ts'
import type { DrcState } from './rtas/drc.ts'
import type { RtasServiceName } from './rtas/services.ts'

/** `scope` of ibm,update-nodes and ibm,update-properties: which cause the kernel asks about. */
export const MIGRATION_SCOPE = 1
export const PRRN_SCOPE = -2
export type Scope = typeof MIGRATION_SCOPE | typeof PRRN_SCOPE

/** Action of a group of ibm,update-nodes. */
export const DELETE_NODE = 0x01
export const UPDATE_NODE = 0x02
export const ADD_NODE = 0x03

/** One entry of a group of ibm,update-nodes, which the kernel has not been told yet. */
export interface NodeNotice {
  readonly scope: Scope
  readonly action: number
  /** DELETE, UPDATE: a handle. ADD: the parent's handle and a drc index. */
  readonly words: readonly number[]
}

/** A change of a property, which the kernel has not been told yet. */
interface PropertyNotice {
  readonly scope: Scope
  readonly handle: number
  readonly change: PropertyChange
}

/** What firmware knows. The services read and change it; `Partition` makes it. */
export interface FirmwareState {
  /** The tree as it is now: what the kernel's live tree should show. */
  readonly root: FirmwareNode
  /** By path, without children: what firmware sends when the node at that path is added. */
  readonly known: Map<string, FirmwareNode>
  /** Path of the described node: what a migration deletes and adds unless its plan says otherwise. */
  readonly describedPath: string
  /** How firmware behaves since the last migration began. */
  behaviour: MigrationPlan
  /** The migration that begins when the partition is suspended next; null for one of the default kind. */
  prepared: ResolvedMigration | null
  nodeNotices: NodeNotice[]
  propertyNotices: PropertyNotice[]
  /** By drc index; a connector that is not here is in use. */
  readonly connectors: Map<number, DrcState>
  /** Statuses that the next calls of a service return. */
  scripted: Map<RtasServiceName, number[]>
}
