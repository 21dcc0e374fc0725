// SPDX-License-Identifier: GPL-2.0-only
import { announceChanges, applyChanges, checkChanges } from './changes.ts'
import { writeDeviceTree } from './fdt-write.ts'
import { cloneNode, nodeAt, type PlacedNode, placedNodes } from './firmware-node.ts'
import { beginMigration, resolvePlan } from './migration.ts'
import { PartitionError } from './partition-error.ts'
import { MIGRATION_SCOPE, PRRN_SCOPE } from './node-notice.ts'
import { VASI_STATES, type MigrationPlan, type NodeChange, type RtasStatuses } from './plan.ts'
import type { RtasArgument } from './rtas/arguments.ts'
import { RTAS_SERVICES, type RtasServiceName } from './rtas/names.ts'
import { serve } from './rtas/services.ts'
import { PARAMETER_ERROR } from './rtas/status.ts'
import {
  initialFirmwareState,
  preparePartition,
  type PartitionOptions,
  type PartitionStart,
} from './start.ts'
import type { FirmwareState } from './state.ts'

/** The hypervisor call that returns the state of a migration, and the status of an unknown call. */
const H_VASI_STATE = 0x2a4
const H_FUNCTION = -2

/** The firmware of one logical partition: its device tree, and the RTAS services that the kernel calls. */
export class Partition {
  private readonly state: FirmwareState
  readonly #start: PartitionStart
  /** True until the tree can have changed. */
  private isUnchanged = true

  /**
   * @throws FdtError if the blob is malformed
   * @throws PartitionError if blob and description conflict, or if an option is invalid
   */
  constructor(options: PartitionOptions = {}) {
    this.#start = preparePartition(options)
    this.state = initialFirmwareState(this.#start)
  }

  /** The current tree as a flattened blob, to boot a kernel with. */
  devicetree(): Uint8Array {
    if (this.isUnchanged) return this.#start.flattened.slice()
    return writeDeviceTree({ ...this.#start.blob, root: this.state.root })
  }

  /**
   * A copy of the current tree, depth-first with paths: the expected live tree of the kernel. Its nodes are copies,
   * their properties are those of firmware.
   */
  tree(): readonly PlacedNode[] {
    return placedNodes(cloneNode(this.state.root))
  }

  /** The token of a service: the value of its property on `/rtas`. @throws PartitionError for an unknown service */
  token(service: RtasServiceName): number {
    for (const [token, name] of this.#start.services) if (name === service) return token
    throw new PartitionError(`No service "${service}"; there are ${RTAS_SERVICES.join(', ')}`)
  }

  /** The service that a token of `/rtas` calls; undefined if there is none. */
  service(token: number): RtasServiceName | undefined {
    return this.#start.services.get(token >>> 0)
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

  /**
   * Starts the prepared migration immediately, for callers that update the kernel's tree without `ibm,suspend-me`, such
   * as the replay of recordings.
   */
  beginMigration(): void {
    this.isUnchanged = false
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
    this.isUnchanged = false
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
    const service = this.service(token)
    if (service === undefined) return [PARAMETER_ERROR]
    this.isUnchanged = false
    return serve(this.state, service, args)
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
