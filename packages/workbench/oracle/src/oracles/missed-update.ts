// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareChange, RunRecord, VioDeviceState } from '@pfo-workbench/run'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { deviceIn, finalSnapshot } from '../snapshots.ts'

/** A change, and the step in which firmware made it. */
interface SteppedChange extends FirmwareChange {
  readonly step: number
}

type MissedUpdate = FindingOf<'old-value-in-node' | 'old-value-in-driver'>

/** What a missed update is about. */
export function missedSubject(device: string, property: string): string {
  return `${device} ${property}`
}

/** Whether the driver that a device had before a change still works with what it had made of the properties then. */
function hasNotFollowed(run: RunRecord, change: SteppedChange, now: VioDeviceState): boolean {
  const before = run.steps.findLast(({ index }) => index < change.step)
  const then = before === undefined ? undefined : deviceIn(before.after, now.object)
  return then?.settings != null && then.driver === now.driver && then.settings === now.settings
}

/** Where the old value of a property still is; null if it is nowhere, or if no driver is bound. */
function oldValueIn(run: RunRecord, change: SteppedChange, now: VioDeviceState): MissedUpdate['kind'] | null {
  if (now.driver === null) return null
  if (now.outdated.includes(change.property)) return 'old-value-in-node'
  return hasNotFollowed(run, change, now) ? 'old-value-in-driver' : null
}

/** Firmware changed a property, and the driver of the node's device knows nothing of it at the end. */
export const missedUpdate: Oracle = {
  id: 'missed-update',
  title: 'firmware changed a property and the bound driver never saw it',
  examine(run) {
    const final = finalSnapshot(run)
    const changes = run.steps.flatMap(({ index, changes }) => changes.map((one) => ({ ...one, step: index })))
    // Of several changes of a property only the last one can be seen.
    const last = new Map(changes.map((change) => [`${change.node} ${change.property}`, change]))
    return [...last.values()].flatMap((change) =>
      final.vio.flatMap((device): Finding[] => {
        const node = final.nodes.find(({ object }) => object === device.node)
        const kind = node?.path === change.node ? oldValueIn(run, change, device) : null
        if (kind === null) return []
        const subject = missedSubject(device.device, change.property)
        const data = { driver: device.driver ?? '' }
        return [{ oracle: 'missed-update', kind, subject, step: change.step, count: 1, data, evidence: [] }]
      }),
    )
  },
}
