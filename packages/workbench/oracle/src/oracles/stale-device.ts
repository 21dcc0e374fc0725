// SPDX-License-Identifier: GPL-2.0-only
import type { NodeState, Snapshot } from '@pfo-workbench/run'
import type { Finding, Oracle } from '../finding.ts'
import { nodeSubject } from '../object-names.ts'
import { detachOfDeviceNode } from '../to-evidence.ts'
import { finalSnapshot, heldSince } from '../snapshots.ts'

/** The node of a device in a snapshot, if that node is detached. */
function detachedNodeOf(snapshot: Snapshot, device: string): NodeState | null {
  const node = snapshot.vio.find((one) => one.device === device)?.node
  const state = snapshot.nodes.find((one) => one.object === node)
  return state?.flags.includes('OF_DETACHED') === true ? state : null
}

/** Subject of a finding about the node of a device: the node is detached, or even its memory freed. */
export function staleSubject(device: string, what: 'node' | 'memory'): string {
  return what === 'node' ? device : `${device} to freed memory`
}

/** A vio device refers to a node that is no longer in the tree. */
export const staleDevice: Oracle = {
  id: 'stale-device',
  title: 'a vio device refers to a detached node',
  examine(run) {
    const final = finalSnapshot(run)
    return final.vio.flatMap(({ device, driver }): Finding[] => {
      const since = heldSince(run, (snapshot) => detachedNodeOf(snapshot, device) !== null)
      const node = detachedNodeOf(final, device)
      if (since === null || node === null) return []
      const shared = {
        oracle: 'stale-device',
        step: since.index,
        count: 1,
        data: { node: nodeSubject(node), state: node.life === 'allocated' ? 'detached' : node.life, driver },
        evidence: detachOfDeviceNode(run, node.object),
      } as const
      const finding: Finding = { ...shared, kind: 'node-detached', subject: staleSubject(device, 'node') }
      // Worse than stale: readers of the device's node read memory that may have another owner by now.
      const dangling: Finding = { ...shared, kind: 'node-freed', subject: staleSubject(device, 'memory') }
      return node.life === 'freed' ? [finding, dangling] : [finding]
    })
  },
}
