// SPDX-License-Identifier: GPL-2.0-only
import { maxPropertyName } from './fdt-format.ts'
import { type FirmwareNode, handleOf, nodeAt, removeProperty, setProperty } from './firmware-node.ts'
import { PartitionError } from './partition-error.ts'
import type { NodeChange, PropertyChange } from './plan.ts'
import { type Scope, UPDATE_NODE } from './node-notice.ts'
import { type FirmwareState, knownNode } from './state.ts'

/** @throws PartitionError for an unknown node, and for a change that ibm,update-properties cannot express */
export function checkChanges(state: FirmwareState, changes: readonly NodeChange[]): void {
  for (const { node, properties } of changes) {
    knownNode(state, node)
    for (const change of properties) checkChange(node, change)
  }
}

function checkChange(node: string, change: PropertyChange): void {
  const where = `Change of property "${change.name}" of ${node}`
  if (change.name === '' || change.name.length > maxPropertyName || change.name.includes('\0')) {
    throw new PartitionError(`${where}: expected a name of 1 to ${maxPropertyName} characters without NUL`)
  }
  if (change.kind !== 'set') return
  if (change.value.length === 0) {
    throw new PartitionError(
      `${where}: firmware cannot send an empty value, because length 0 means "name only"`,
    )
  }
  if (change.pieceSize !== undefined && !(Number.isInteger(change.pieceSize) && change.pieceSize > 0)) {
    throw new PartitionError(`${where}: pieceSize is ${change.pieceSize}; expected an integer above 0`)
  }
}

/** Applies the changes to firmware's tree and to its answers for nodes that are added later. */
export function applyChanges(state: FirmwareState, changes: readonly NodeChange[]): void {
  for (const { node, properties } of changes) {
    for (const holder of [nodeAt(state.root, node), state.known.get(node)]) {
      if (holder === undefined) continue
      for (const change of properties) applyChange(holder, change)
    }
  }
}

function applyChange(node: FirmwareNode, change: PropertyChange): void {
  if (change.kind === 'set') setProperty(node, change.name, change.value)
  else if (change.kind === 'remove') removeProperty(node, change.name)
}

/**
 * Queues the changes: the next ibm,update-nodes of that scope lists the nodes, and ibm,update-properties sends the
 * changes.
 */
export function announceChanges(state: FirmwareState, changes: readonly NodeChange[], scope: Scope): void {
  for (const { node, properties } of changes) {
    const handle = handleOf(knownNode(state, node))
    state.nodeNotices.push({ scope, action: UPDATE_NODE, words: [handle] })
    for (const change of properties) state.propertyNotices.push({ scope, handle, change })
  }
}
