// SPDX-License-Identifier: GPL-2.0-only
import type { RunRecord } from '@pfo-workbench/scenario'
import { callersOf } from './chain.ts'
import type { Evidence } from './finding.ts'

/**
 * Who took a device's node out of the tree: evidence for what is wrong with the device since.
 *
 * @param node - the node's object
 * @returns nothing if the node was never detached
 */
export function detachOf(run: RunRecord, node: string): Evidence[] {
  const detach = run.events.find((event) => event.type === 'node.detach' && event['object'] === node)
  if (detach === undefined) return []
  return [{ text: 'its node was detached by', chain: callersOf(detach.chain), seq: detach.seq }]
}
