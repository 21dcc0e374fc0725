// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type RunRecord, type Snapshot } from '@pfo-workbench/run'
import { detachedUpdates, lastChanges } from '../detached-updates.ts'
import { findingKey } from '../finding-key.ts'
import type { Finding, Oracle } from '../finding.ts'
import { evidenceOrNone } from '../to-evidence.ts'
import { finalSnapshot, heldSince } from '../snapshots.ts'
import { removedByHand, stepsShortOfMemory, stepsWithRefusedNode } from '../steps-not-judged.ts'
import { missedUpdate } from './missed-update.ts'

function lacks(snapshot: Snapshot, path: string): boolean {
  return snapshot.firmware.includes(path) && !snapshot.nodes.some((node) => node.inTree && node.path === path)
}

/**
 * Keys of findings that the lost node masks: updates of this path that the kernel wrote to a detached node. With a node
 * in the tree, these findings would appear. An update that the kernel wrote to no node is not masked.
 */
function maskedUpdates(run: RunRecord, path: string): string[] {
  return lastChanges(run)
    .filter(({ node }) => node === path)
    .flatMap((change) => detachedUpdates(run, change))
    .map(({ subject }) => findingKey({ oracle: missedUpdate.id, subject }))
}

/**
 * The live tree lacks a node of firmware's tree, and the user did not remove the node. The finding belongs to the first
 * step without the node in which no allocation failed and firmware refused no node. Without such a step, there is none.
 */
export const lostNode: Oracle = {
  id: 'lost-node',
  title: "firmware's tree has a node that the live tree lacks",
  examine(run) {
    const byHand = removedByHand(run)
    const excused = new Set([...stepsShortOfMemory(run), ...stepsWithRefusedNode(run)])
    return finalSnapshot(run).firmware.flatMap((path): Finding[] => {
      const lost = heldSince(
        run,
        (snapshot, { index }) => lacks(snapshot, path) && byHand.get(index)?.has(path) !== true,
      )
      // A node that was lost before stays lost in a step that is excused.
      const since = run.steps.find(({ index }) => lost !== null && index >= lost.index && !excused.has(index))
      if (since === undefined) return []
      const detach = eventsOf(run, 'node.detach').findLast((event) => event.path === path && !event.again)
      const masks = maskedUpdates(run, path)
      return [
        {
          oracle: 'lost-node',
          kind: 'node-missing',
          subject: path,
          step: since.index,
          count: 1,
          data: {},
          evidence: evidenceOrNone(run, detach, { kind: 'node-detached', data: {} }),
          ...(masks.length === 0 ? {} : { masks }),
        },
      ]
    })
  },
}
