// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareNode } from './firmware-node.ts'
import type { NodeNotice, Scope } from './notice.ts'
import { PartitionError } from './partition-error.ts'
import type { MigrationPlan, PropertyChange, ResolvedMigration, VasiState } from './plan.ts'
import type { RtasServiceName } from './rtas/names.ts'

/** A connector is taken into use by the way `unusable` - `isolated` - `unisolated`, and given back by the same. */
export type DrcState = 'unusable' | 'isolated' | 'unisolated'

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
  /** Answers to the next questions how far the migration has come. */
  vasi: (VasiState | number)[]
}

/**
 * The node at a path, without children, as firmware sends it; also one that is not in the tree now.
 *
 * @throws PartitionError for a path that firmware never had
 */
export function knownNode({ known }: FirmwareState, path: string): FirmwareNode {
  const node = known.get(path)
  if (node === undefined) {
    throw new PartitionError(`Firmware knows no node "${path}"; it knows ${[...known.keys()].join(', ')}`)
  }
  return node
}
