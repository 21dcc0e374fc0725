// SPDX-License-Identifier: GPL-2.0-only
import type { EventOf, Snapshot } from '@pfo-workbench/run'

type Get = EventOf<'ref.get'>

/** Number of slots of the phandle cache that refer to each node. */
export function slotsByNode({ phandleCache }: Snapshot): ReadonlyMap<string, number> {
  const slots = new Map<string, number>()
  for (const { node } of phandleCache) slots.set(node, (slots.get(node) ?? 0) + 1)
  return slots
}

/**
 * Returns the number of references that the phandle cache holds on each node. Its slots may or may not hold references.
 * The function assumes that they do if more than half of the cached nodes without a device have a reference that
 * neither the tree nor another owner holds. Otherwise the result is empty.
 *
 * @param state - the state at some moment
 * @param heldOn - references on a node at this moment that may be those of a slot
 */
export function referencesOfCache(
  state: Snapshot,
  heldOn: (object: string) => readonly Get[],
): ReadonlyMap<string, number> {
  const slots = slotsByNode(state)
  const withDevice = new Set(state.vio.map(({ node }) => node))
  const others = [...slots.keys()].filter((node) => !withDevice.has(node))
  const held = others.filter((node) => heldOn(node).length > 0)
  return held.length * 2 > others.length ? slots : new Map()
}
