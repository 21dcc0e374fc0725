// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type RunRecord } from '@pfo-workbench/run'
import { callersOf } from './chain.ts'
import type { Evidence } from './finding.ts'

/**
 * Who took a device's node out of the tree: evidence for what is wrong with the device since.
 *
 * @param node - the node's object
 * @returns nothing if the node was never detached
 */
export function detachOf(run: RunRecord, node: string): Evidence[] {
  const detach = eventsOf(run, 'node.detach').find(({ object }) => object === node)
  if (detach === undefined) return []
  return [{ text: 'its node was detached by', chain: callersOf(detach.chain), seq: detach.seq }]
}
