// SPDX-License-Identifier: GPL-2.0-only
import { callersOf, eventsOf, type RunEvent, type RunRecord } from '@pfo-workbench/run'
import type { Evidence, EvidenceContent } from './evidence.ts'

/** Turns an event into a piece of evidence. Leaves innermost functions that only count or print out of its chain. */
export function toEvidence({ facts }: RunRecord, { chain, seq }: RunEvent, says: EvidenceContent): Evidence {
  return { ...says, chain: callersOf(facts, chain), seq }
}

/** Returns the event as the only evidence; none if there is no event. */
export function evidenceOrNone(
  run: RunRecord,
  event: RunEvent | undefined,
  says: EvidenceContent,
): Evidence[] {
  return event === undefined ? [] : [toEvidence(run, event, says)]
}

/**
 * Returns the first detachment of a device's node, as evidence for later faults of the device.
 *
 * @param node - the node's object
 */
export function detachOfDeviceNode(run: RunRecord, node: string): Evidence[] {
  const detach = eventsOf(run, 'node.detach').find(({ object }) => object === node)
  return evidenceOrNone(run, detach, { kind: 'device-node-detached', data: {} })
}
