// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type Snapshot } from '@pfo-workbench/run'
import type { Finding, Oracle } from '../finding.ts'
import { onlyProof } from '../proof.ts'
import { finalSnapshot, heldSince } from '../snapshots.ts'
import { removedByHand, stepsShortOfMemory } from '../steps-not-judged.ts'

function lacks(snapshot: Snapshot, path: string): boolean {
  return snapshot.firmware.includes(path) && !snapshot.nodes.some((node) => node.inTree && node.path === path)
}

/** The live tree lacks a node of firmware's tree. The user did not remove it, and no allocation failed in that step. */
export const lostNode: Oracle = {
  id: 'lost-node',
  title: "firmware's tree has a node that the live tree lacks",
  examine(run) {
    const byHand = removedByHand(run)
    const short = stepsShortOfMemory(run)
    return finalSnapshot(run).firmware.flatMap((path): Finding[] => {
      const since = heldSince(
        run,
        (snapshot, { index }) =>
          lacks(snapshot, path) && byHand.get(index)?.has(path) !== true && !short.has(index),
      )
      if (since === null) return []
      const detach = eventsOf(run, 'node.detach').findLast((event) => event.path === path && !event.again)
      return [
        {
          oracle: 'lost-node',
          kind: 'node-missing',
          subject: path,
          step: since.index,
          count: 1,
          data: {},
          evidence: onlyProof(run, detach, { kind: 'node-detached', data: {} }),
        },
      ]
    })
  },
}
