// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareNode } from './firmware-node.ts'
import type { NodeNotice, Scope } from './node-notice.ts'
import { PartitionError } from './partition-error.ts'
import type { MigrationPlan, PropertyChange, ResolvedMigration, VasiState } from './plan.ts'
import type { RtasServiceName } from './rtas/names.ts'

/** A connector is acquired by the steps `unusable` - `isolated` - `unisolated`, and released by the reverse steps. */
export type DrcState = 'unusable' | 'isolated' | 'unisolated'

/** A pending change of a property. */
interface PropertyNotice {
  readonly scope: Scope
  readonly handle: number
  readonly change: PropertyChange
}

/** Firmware's state. `Partition` creates it; the services read and change it. */
export interface FirmwareState {
  /** The current tree: the expected live tree of the kernel. */
  readonly root: FirmwareNode
  /** Nodes by path, without children, as firmware sends them when they are added. */
  readonly known: Map<string, FirmwareNode>
  /** Path of the described node, which a migration deletes and adds by default. */
  readonly describedPath: string
  /** Plan of the last migration that began. */
  behaviour: MigrationPlan
  /** The migration that starts with the next suspension; null for a default one. */
  prepared: ResolvedMigration | null
  nodeNotices: NodeNotice[]
  propertyNotices: PropertyNotice[]
  /** By DRC index. A connector that is missing here is `unisolated`. */
  readonly connectors: Map<number, DrcState>
  /** Statuses of the next calls per service. */
  scripted: Map<RtasServiceName, number[]>
  /** Results of the next H_VASI_STATE calls. */
  vasi: (VasiState | number)[]
}

/**
 * The node at a path as firmware sends it, without children, even if it is not in the tree now.
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
