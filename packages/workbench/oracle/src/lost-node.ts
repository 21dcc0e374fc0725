// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type Snapshot } from '@pfo-workbench/run'
import { callersOf } from './chain.ts'
import { removedByHand, stepsShortOfMemory } from './excuses.ts'
import type { Oracle } from './finding.ts'
import { finalSnapshot, heldSince } from './states.ts'

function lacks(snapshot: Snapshot, path: string): boolean {
  return snapshot.firmware.includes(path) && !snapshot.nodes.some((node) => node.inTree && node.path === path)
}

/** Firmware's tree has a node that the live tree lacks, no person took it out, and memory was not short for it. */
export const lostNode: Oracle = {
  id: 'lost-node',
  title: "firmware's tree has a node that the live tree lacks",
  examine(run) {
    const byHand = removedByHand(run)
    const short = stepsShortOfMemory(run)
    return finalSnapshot(run).firmware.flatMap((path) => {
      const since = heldSince(
        run,
        (snapshot, { index }) =>
          lacks(snapshot, path) && byHand.get(index)?.has(path) !== true && !short.has(index),
      )
      if (since === null) return []
      const detach = eventsOf(run, 'node.detach').findLast((event) => event.path === path && !event.again)
      return [
        {
          subject: path,
          step: since.index,
          count: 1,
          message: 'firmware has this node, the live tree does not',
          evidence:
            detach === undefined
              ? []
              : [{ text: 'last taken out of the tree by', chain: callersOf(detach.chain), seq: detach.seq }],
        },
      ]
    })
  },
}
