// SPDX-License-Identifier: GPL-2.0-only
import { callersOf, eventsOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import type { Evidence, Statement } from './evidence.ts'

/** An event of a run as a piece of evidence. */
export function proofOf({ facts }: RunRecord, { chain, seq }: RunEvent, says: Statement): Evidence {
  return { ...says, chain: callersOf(facts, chain), seq }
}

/** An event as the only evidence; without an event there is none. */
export function onlyProof(run: RunRecord, event: RunEvent | undefined, says: Statement): Evidence[] {
  return event === undefined ? [] : [proofOf(run, event, says)]
}

/**
 * The first detachment of the node of a device: evidence for what is wrong with the device since.
 *
 * @param node - the node's object
 */
export function detachOfDeviceNode(run: RunRecord, node: string): Evidence[] {
  const detach = eventsOf(run, 'node.detach').find(({ object }) => object === node)
  return onlyProof(run, detach, { kind: 'device-node-detached', data: {} })
}
