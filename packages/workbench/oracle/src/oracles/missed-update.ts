// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareChange, RunRecord, VioDeviceState } from '@pfo-workbench/run'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { deviceIn, finalSnapshot } from '../snapshots.ts'

/** A change by firmware, with its step. */
interface SteppedChange extends FirmwareChange {
  readonly step: number
}

type MissedUpdate = FindingOf<'old-value-in-node' | 'old-value-in-driver'>

/** Subject of a missed update. */
export function missedSubject(device: string, property: string): string {
  return `${device} ${property}`
}

/** True if the driver is the same as before the change and its settings are still those of that time. */
function hasNotFollowed(run: RunRecord, change: SteppedChange, now: VioDeviceState): boolean {
  const before = run.steps.findLast(({ index }) => index < change.step)
  const then = before === undefined ? undefined : deviceIn(before.after, now.object)
  return then?.settings != null && then.driver === now.driver && then.settings === now.settings
}

/** Where the old value of a property remains; null if nowhere or if no driver is bound. */
function oldValueIn(run: RunRecord, change: SteppedChange, now: VioDeviceState): MissedUpdate['kind'] | null {
  if (now.driver === null) return null
  if (now.outdated.includes(change.property)) return 'old-value-in-node'
  return hasNotFollowed(run, change, now) ? 'old-value-in-driver' : null
}

/** Firmware changed a property, and at the end the driver bound to the node's device still uses the old value. */
export const missedUpdate: Oracle = {
  id: 'missed-update',
  title: 'firmware changed a property and the bound driver never saw it',
  examine(run) {
    const final = finalSnapshot(run)
    const changes = run.steps.flatMap(({ index, changes }) => changes.map((one) => ({ ...one, step: index })))
    // Only the last change of a property is visible at the end.
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
