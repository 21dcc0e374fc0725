// SPDX-License-Identifier: GPL-2.0-only
import { adoptConnectors, completeNode, giveHandles, giveTokens } from './boot-tree.ts'
import type { Endian } from './bytes.ts'
import { announceChanges, applyChanges, checkChanges } from './changes.ts'
import type { DeviceTreeBlob } from './fdt-format.ts'
import { readDeviceTree } from './fdt-read.ts'
import { writeDeviceTree } from './fdt-write.ts'
import {
  childPath,
  cloneNode,
  type FirmwareNode,
  handleOf,
  nodeAt,
  type PlacedNode,
  placedNodes,
} from './firmware-node.ts'
import { beginMigration, resolvePlan } from './migration.ts'
import { PartitionError } from './partition-error.ts'
import { MIGRATION_SCOPE, PRRN_SCOPE } from './node-notice.ts'
import { VASI_STATES, type MigrationPlan, type NodeChange, type RtasStatuses } from './plan.ts'
import { platformFacilities } from './platform-facilities.ts'
import { makeSpareProcessors } from './processors.ts'
import { pseriesQemuDeviceTree } from './pseries-qemu-dtb.ts'
import type { RtasArgument } from './rtas/arguments.ts'
import { RTAS_SERVICES, type RtasServiceName } from './rtas/names.ts'
import { serve } from './rtas/services.ts'
import { PARAMETER_ERROR } from './rtas/status.ts'
import type { FirmwareState } from './state.ts'

/** Options of a partition. */
export interface PartitionOptions {
  /** A flattened device tree to start with. Default: that of QEMU's pseries machine. */
  readonly blob?: Uint8Array
  /** A node with its subtree, merged into the blob below `/`. Default: `platformFacilities(endian)`. */
  readonly description?: FirmwareNode
  /**
   * The kernel's byte order, used in the default description for the properties that nx-crypto reads. Default: little.
   */
  readonly endian?: Endian
  /**
   * `separate` (default): no other node shares a slot of the kernel's phandle cache with a described node. `colliding`:
   * for each described node, one node without a phandle gets one that shares the slot.
   */
  readonly phandles?: 'separate' | 'colliding'
  /** Number of processors that firmware can add to those in the tree. Default: none. */
  readonly spareProcessors?: number
}

/** The hypervisor call that returns the state of a migration, and the status of an unknown call. */
const H_VASI_STATE = 0x2a4
const H_FUNCTION = -2

/** The firmware of one logical partition: its device tree, and the RTAS services that the kernel calls. */
export class Partition {
  private readonly state: FirmwareState
  private readonly services: ReadonlyMap<number, RtasServiceName>
  private readonly blob: DeviceTreeBlob

  /**
   * @throws FdtError if the blob is malformed
   * @throws PartitionError if blob and description conflict
   */
  constructor(options: PartitionOptions = {}) {
    const described = options.description ?? platformFacilities(options.endian)
    const describedPath = childPath('/', described.name)
    for (const { path, node } of placedNodes(described, describedPath)) {
      if (handleOf(node) === 0) throw new PartitionError(`${path}: a described node needs an "ibm,phandle"`)
    }
    if (described.drcIndex === undefined) {
      throw new PartitionError(
        `${describedPath}: the described node needs a DRC index, because migrations add it`,
      )
    }
    this.blob = readDeviceTree(options.blob ?? pseriesQemuDeviceTree())
    const { root } = this.blob
    completeNode(root, described)
    this.services = giveTokens(root)
    const spare = makeSpareProcessors(root, options.spareProcessors ?? 0)
    giveHandles(root, described, options.phandles ?? 'separate')
    adoptConnectors(root)
    const content = [...placedNodes(root), ...placedNodes(described, describedPath), ...spare]
    this.state = {
      root,
      known: new Map(content.map(({ path, node }) => [path, cloneNode(node, [])])),
      describedPath,
      behaviour: {},
      prepared: null,
      nodeNotices: [],
      propertyNotices: [],
      connectors: new Map(spare.map(({ node }) => [node.drcIndex ?? 0, 'unusable'])),
      scripted: new Map(),
      vasi: [],
    }
  }

  /** The current tree as a flattened blob, to boot a kernel with. */
  devicetree(): Uint8Array {
    return writeDeviceTree(this.blob)
  }

  /** A copy of the current tree, depth-first with paths: the expected live tree of the kernel. */
  tree(): readonly PlacedNode[] {
    return placedNodes(cloneNode(this.state.root))
  }

  /** The token of a service: the value of its property on `/rtas`. */
  token(service: RtasServiceName): number {
    for (const [token, name] of this.services) if (name === service) return token
    throw new PartitionError(`No service "${service}"; there are ${RTAS_SERVICES.join(', ')}`)
  }

  /**
   * Sets the plan of the next migration, which starts with the next successful `ibm,suspend-me`. Replaces an earlier
   * plan that has not started. Without a plan, a migration behaves as on PowerVM.
   *
   * @throws PartitionError if the plan does not fit the tree
   */
  prepareMigration(plan: MigrationPlan = {}): void {
    const { state } = this
    state.prepared = resolvePlan(state, plan)
    this.scriptStatuses(plan.statuses ?? {})
    state.vasi = [...(plan.vasi ?? [])]
  }

  /**
   * Sets the statuses that the next calls of each service return, one per call; status 0 executes the call. Replaces
   * all statuses that were set earlier, for every service. Firmware can thus fail at any time, not only during a
   * migration.
   */
  scriptStatuses(statuses: RtasStatuses): void {
    this.state.scripted = new Map(
      RTAS_SERVICES.map((service) => [service, [...(statuses[service] ?? [])]] as const),
    )
  }

  /** Starts the prepared migration immediately, for an engine that updates the kernel's tree without a suspension. */
  beginMigration(): void {
    beginMigration(this.state)
  }

  /**
   * Changes properties of nodes. The next `ibm,update-nodes` of the scope has an UPDATE for each node, and
   * `ibm,update-properties` sends the changes.
   *
   * @throws PartitionError if a node does not exist, or firmware cannot send the change
   */
  updateProperties(changes: readonly NodeChange[], cause: 'migration' | 'prrn' = 'migration'): void {
    checkChanges(this.state, changes)
    for (const { node } of changes) {
      if (nodeAt(this.state.root, node) === undefined) throw new PartitionError(`"${node}" was deleted`)
    }
    applyChanges(this.state, changes)
    announceChanges(this.state, changes, cause === 'prrn' ? PRRN_SCOPE : MIGRATION_SCOPE)
  }

  /**
   * Makes an RTAS call.
   *
   * @param token - token of the service, from `/rtas`
   * @param args - input words and work areas; firmware writes to the areas
   * @returns status first, then the outputs, as signed 32-bit numbers; -3 for an unknown service or wrong arguments
   */
  rtas(token: number, args: readonly RtasArgument[]): readonly number[] {
    const service = this.services.get(token >>> 0)
    return service === undefined ? [PARAMETER_ERROR] : serve(this.state, service, args)
  }

  /**
   * Makes a hypervisor call. Only H_VASI_STATE (stream id) -> status, state exists.
   *
   * @returns status first, then the outputs; H_FUNCTION (-2) for an unknown call
   */
  hcall(opcode: number, _args: readonly number[]): readonly number[] {
    if (opcode !== H_VASI_STATE) return [H_FUNCTION]
    const answer = this.state.vasi.shift() ?? 'suspending'
    return typeof answer === 'number' ? [answer, 0] : [0, VASI_STATES.indexOf(answer)]
  }
}
