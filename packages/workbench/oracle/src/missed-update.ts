// SPDX-License-Identifier: GPL-2.0-only
import type { FirmwareChange, RunRecord, VioDeviceState } from '@pfo-workbench/run'
import type { Oracle } from './finding.ts'
import { finalSnapshot } from './states.ts'
import { deviceIn } from './vio-device.ts'

/** A change, and the step in which firmware made it. */
interface SteppedChange extends FirmwareChange {
  readonly step: number
}

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

/** Why a bound driver does not know of a change; null if it does. */
function whyMissed(run: RunRecord, change: SteppedChange, now: VioDeviceState): string | null {
  const { driver } = now
  if (driver === null) return null
  if (now.outdated.includes(change.property)) return `the node that ${driver} uses still has the old value`
  return hasNotFollowed(run, change, now) ? `${driver} goes on with what it made of the old value` : null
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
      final.vio.flatMap((device) => {
        const node = final.nodes.find(({ object }) => object === device.node)
        const why = node?.path === change.node ? whyMissed(run, change, device) : null
        if (why === null) return []
        const subject = missedSubject(device.device, change.property)
        return [
          { subject, step: change.step, count: 1, message: `firmware changed it; ${why}`, evidence: [] },
        ]
      }),
    )
  },
}
