// SPDX-License-Identifier: GPL-2.0-only
import type { NodeState, Snapshot } from '@pfo-workbench/scenario'
import { detachOf } from './detached.ts'
import type { Oracle } from './finding.ts'
import { field, groupEvents, times } from './group.ts'
import { callersOf } from './ledger.ts'
import { finalSnapshot, heldSince, nodeSubject, removedByHand, stepsShortOfMemory } from './names.ts'

/** A name in sysfs was taken, so that another was used or the creation failed. */
export const duplicateName: Oracle = {
  id: 'duplicate-name',
  title: 'a name in sysfs was taken: renamed, or refused',
  examine(run) {
    const renamed = groupEvents(
      run.events.filter((event) => event.type === 'sysfs.rename'),
      (event) => `${field(event, 'directory')}/${field(event, 'used')}`,
      (first, count) =>
        `"${field(first, 'wanted')}" was taken, renamed to "${field(first, 'used')}"${times(count)}`,
      (event) => `wanted "${field(event, 'wanted')}"`,
    )
    const refused = groupEvents(
      run.events.filter((event) => event.type === 'sysfs.duplicate'),
      (event) => field(event, 'path'),
      (_first, count) => `was there already, not created again${times(count)}`,
      () => 'creation refused',
    )
    return [...renamed, ...refused]
  },
}

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
      const detach = run.events.findLast(
        (event) => event.type === 'node.detach' && field(event, 'path') === path && event['again'] === false,
      )
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

/** The detached node that a device of a snapshot refers to. */
function detachedNodeOf(snapshot: Snapshot, device: string): NodeState | null {
  const node = snapshot.vio.find((one) => one.device === device)?.node
  const state = snapshot.nodes.find((one) => one.object === node)
  return state?.flags.includes('OF_DETACHED') === true ? state : null
}

/** A vio device refers to a node that is not in the tree any more. */
export const staleDevice: Oracle = {
  id: 'stale-device',
  title: 'a vio device refers to a detached node',
  examine(run) {
    const final = finalSnapshot(run)
    return final.vio.flatMap(({ device, driver }) => {
      const since = heldSince(run, (snapshot) => detachedNodeOf(snapshot, device) !== null)
      const node = detachedNodeOf(final, device)
      if (since === null || node === null) return []
      const state = node.life === 'allocated' ? 'detached' : node.life
      const finding = {
        subject: device,
        step: since.index,
        count: 1,
        message: `refers to ${nodeSubject(node)}, which is ${state}; driver ${driver ?? 'none'}`,
        evidence: detachOf(run, node.object),
      }
      // Worse than stale: whoever reads the device's node reads memory that is somebody else's.
      const dangling = { ...finding, subject: `${device} to freed memory` }
      return node.life === 'freed' ? [finding, dangling] : [finding]
    })
  },
}
