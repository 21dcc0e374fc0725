// SPDX-License-Identifier: GPL-2.0-only
import { cells, firstCell } from './bytes.ts'
import { announceChanges, applyChanges, checkChanges } from './changes.ts'
import {
  childPath,
  cloneNode,
  type FirmwareNode,
  handleOf,
  isWithin,
  nodeAt,
  parentPath,
  placedNodes,
  propertyOf,
  setProperty,
} from './firmware-node.ts'
import { PartitionError } from './partition-error.ts'
import { ADD_NODE, DELETE_NODE, MIGRATION_SCOPE, type NodeNotice } from './node-notice.ts'
import type { MigrationPlan, ResolvedMigration } from './plan.ts'
import { type FirmwareState, knownNode } from './state.ts'

/** Property whose first cell firmware increments at each migration, in every node that has it. */
const INTERRUPT_POOL = 'ibm,shared-interrupt-pool'

/**
 * Checks a plan against the tree and completes it. Returns the nodes that the migration deletes and adds, and the
 * notices that firmware sends.
 *
 * @throws PartitionError if the plan is not possible
 */
export function resolvePlan(state: FirmwareState, plan: MigrationPlan): ResolvedMigration {
  checkChanges(state, plan.changes ?? [])
  checkTelling(plan)
  const present = placedNodes(state.root).map(({ path }) => path)
  const deletes = plan.deletes ?? childrenFirst(state)
  for (const path of deletes) {
    if (path === '/' || !present.includes(path)) {
      throw new PartitionError(
        `Migration: "${path}" cannot be deleted; there are ${present.slice(1).join(', ')}`,
      )
    }
  }
  const taken = present.filter((path) => deletes.some((top) => isWithin(path, top)))
  const adds = plan.adds ?? taken
  const after = new Set(present.filter((path) => !taken.includes(path)))
  for (const path of adds) {
    knownNode(state, path)
    if (after.has(path))
      throw new PartitionError(`Migration: "${path}" cannot be added, because it was not deleted`)
    if (!after.has(parentPath(path))) {
      throw new PartitionError(
        `Migration: "${path}" cannot be added without its parent, which must come before it`,
      )
    }
    after.add(path)
  }
  const deletions = deletes.map((path): NodeNotice => ({
    scope: MIGRATION_SCOPE,
    action: DELETE_NODE,
    words: [handleOf(knownNode(state, path))],
  }))
  const unknown = (plan.unknownGroups ?? []).flatMap(({ action, words }) =>
    words.map((word): NodeNotice => ({ scope: MIGRATION_SCOPE, action, words: [word] })),
  )
  const tops = plan.readd === 'per-node' ? adds : adds.filter((path) => !adds.includes(parentPath(path)))
  return {
    plan,
    deletes,
    adds,
    notices: [...unknown, ...deletions, ...tops.map((path) => addition(state, path))],
  }
}

function checkTelling(plan: MigrationPlan): void {
  for (const { action } of plan.unknownGroups ?? []) {
    if (!Number.isInteger(action) || action <= ADD_NODE || action > 0xff) {
      throw new PartitionError(
        `Migration: ${action} is not an unknown action; expected an integer from 4 to 255`,
      )
    }
  }
  const { nodesPerCall } = plan
  if (nodesPerCall !== undefined && !(Number.isInteger(nodesPerCall) && nodesPerCall > 0)) {
    throw new PartitionError(`Migration: nodesPerCall is ${nodesPerCall}; expected an integer above 0`)
  }
}

/** Paths of the described nodes that firmware's tree has, children before parents. */
function childrenFirst(state: FirmwareState): string[] {
  const visit = (node: FirmwareNode, path: string): string[] => [
    ...node.children.flatMap((child) => visit(child, childPath(path, child.name))),
    path,
  ]
  const top = nodeAt(state.root, state.describedPath)
  return top === undefined ? [] : visit(top, state.describedPath)
}

function addition(state: FirmwareState, path: string): NodeNotice {
  const { drcIndex } = knownNode(state, path)
  if (drcIndex === undefined) {
    throw new PartitionError(
      `Migration: "${path}" cannot be added alone, because it has no DRC index; add its parent`,
    )
  }
  const parent = handleOf(knownNode(state, parentPath(path)))
  return { scope: MIGRATION_SCOPE, action: ADD_NODE, words: [parent, drcIndex] }
}

/** Starts the prepared migration, or a default one: changes firmware's tree and queues the notices for the kernel. */
export function beginMigration(state: FirmwareState): void {
  const { plan, deletes, adds, notices } = state.prepared ?? resolvePlan(state, {})
  state.prepared = null
  state.behaviour = plan
  for (const node of state.known.values()) countMigration(node)
  const changes = plan.changes ?? []
  applyChanges(state, changes)
  for (const path of deletes) removeNode(state.root, path)
  for (const path of adds) restoreNode(state, path)
  const untouched = changes.filter(
    ({ node }) => !adds.includes(node) && nodeAt(state.root, node) !== undefined,
  )
  const isAddition = ({ action }: NodeNotice): boolean => action === ADD_NODE
  state.nodeNotices.push(...notices.filter((notice) => !isAddition(notice)))
  announceChanges(state, untouched, MIGRATION_SCOPE)
  state.nodeNotices.push(...notices.filter(isAddition))
}

function countMigration(node: FirmwareNode): void {
  const count = firstCell(propertyOf(node, INTERRUPT_POOL))
  if (count !== undefined) setProperty(node, INTERRUPT_POOL, cells([count + 1]))
}

/** Removes the node at a path from firmware's tree. */
export function removeNode(root: FirmwareNode, path: string): void {
  const parent = nodeAt(root, parentPath(path))
  const node = nodeAt(root, path)
  if (parent !== undefined && node !== undefined) parent.children.splice(parent.children.indexOf(node), 1)
}

/** Puts a known node back into firmware's tree, without its children. Does nothing if its parent is missing. */
export function restoreNode(state: FirmwareState, path: string): void {
  nodeAt(state.root, parentPath(path))?.children.push(cloneNode(knownNode(state, path), []))
}
