// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type RunRecord, type VioDeviceState } from '@pfo-workbench/run'
import { detachedUpdates, lastChanges, type SteppedChange } from '../detached-updates.ts'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { toEvidence } from '../to-evidence.ts'
import { deviceIn, finalSnapshot } from '../snapshots.ts'
import { stepsShortOfMemory } from '../steps-not-judged.ts'

type MissedByDriver = FindingOf<'old-value-in-node' | 'old-value-in-driver'>

/** Subject of a missed update. */
export function missedSubject(device: string, property: string): string {
  return `${device} ${property}`
}

/** True if the driver is the same as before the change and still has the settings from before the change. */
function hasNotFollowed(run: RunRecord, change: SteppedChange, now: VioDeviceState): boolean {
  const before = run.steps.findLast(({ index }) => index < change.step)
  const then = before === undefined ? undefined : deviceIn(before.after, now.object)
  return then?.settings != null && then.driver === now.driver && then.settings === now.settings
}

/** The place where the old value of a property remains; null if there is none or if no driver is bound. */
function oldValueIn(
  run: RunRecord,
  change: SteppedChange,
  now: VioDeviceState,
): MissedByDriver['kind'] | null {
  if (now.driver === null) return null
  if (now.outdated.includes(change.property)) return 'old-value-in-node'
  return hasNotFollowed(run, change, now) ? 'old-value-in-driver' : null
}

function missedByDrivers(run: RunRecord, change: SteppedChange): Finding[] {
  const { nodes, vio } = finalSnapshot(run)
  return vio.flatMap((device): Finding[] => {
    const node = nodes.find(({ object }) => object === device.node)
    const kind = node?.path === change.node ? oldValueIn(run, change, device) : null
    if (kind === null) return []
    const subject = missedSubject(device.device, change.property)
    const data = { driver: device.driver ?? '' }
    return [{ oracle: 'missed-update', kind, subject, step: change.step, count: 1, data, evidence: [] }]
  })
}

/** RTAS calls that list the changed nodes, and return the changed properties of a node. */
const [listsNodes, sendsProperties] = ['ibm,update-nodes', 'ibm,update-properties'] as const
/** Status of these calls if there is more to read. */
const MORE = 1

/** Steps in which a missed update is excused: an allocation or firmware failed, or a task died or hung. */
function stepsWithoutUpdate(run: RunRecord): ReadonlySet<number> {
  const failed = eventsOf(run, 'rtas.call').filter(
    ({ service, status }) => (service === listsNodes || service === sendsProperties) && status < 0,
  )
  const brokenOff = eventsOf(run, 'oops', 'hang')
  return new Set([...stepsShortOfMemory(run), ...[...failed, ...brokenOff].map(({ step }) => step)])
}

/**
 * The node that is now in the tree lacks the new value: a detached node of the same path got it, or none did. It does
 * not matter whether a driver is bound to its device.
 */
function missedByTree(run: RunRecord, change: SteppedChange): Finding[] {
  const { node, property, step } = change
  const isOld = finalSnapshot(run).nodes.some(
    ({ path, inTree, outdated = [] }) => inTree && path === node && outdated.includes(property),
  )
  if (!isOld) return []
  const shared = { oracle: 'missed-update', step, count: 1, data: {} } as const
  const elsewhere = detachedUpdates(run, change)
  if (elsewhere.length === 0)
    return [{ ...shared, kind: 'old-value-in-tree', subject: `${node} ${property}`, evidence: [] }]
  return elsewhere.map(({ subject, event }): Finding => {
    const evidence = [toEvidence(run, event, { kind: 'tree-changed', data: { path: node } })]
    return { ...shared, kind: 'new-value-in-detached-node', subject, evidence }
  })
}

/** After a migration the kernel did not read the list of changed nodes, or stopped before its end. */
function notRead(run: RunRecord, excused: ReadonlySet<number>): Finding[] {
  const calls = eventsOf(run, 'rtas.call')
  const unread = calls.flatMap(({ service, status, step, seq }) => {
    if (service !== 'ibm,suspend-me' || status !== 0 || excused.has(step)) return []
    const asked = calls.filter((call) => call.service === listsNodes && call.step === step && call.seq > seq)
    const isRead = asked.length > 0 && asked.at(-1)?.status !== MORE
    return isRead ? [] : [{ step, calls: asked.length }]
  })
  const [first] = unread
  if (first === undefined) return []
  const shared = { oracle: 'missed-update', kind: 'changes-not-read', subject: listsNodes } as const
  const { step, calls: number } = first
  return [{ ...shared, step, count: unread.length, data: { calls: number }, evidence: [] }]
}

/**
 * Firmware changed a property, and at the end, the live tree or the driver of the node's device has the old value. Or
 * the kernel did not read all changes of a migration.
 */
export const missedUpdate: Oracle = {
  id: 'missed-update',
  title: 'a change by firmware did not reach the live tree or the bound driver',
  examine(run) {
    const changes = lastChanges(run)
    const excused = stepsWithoutUpdate(run)
    return [
      ...changes.flatMap((change) => missedByDrivers(run, change)),
      ...changes.flatMap((change) => (excused.has(change.step) ? [] : missedByTree(run, change))),
      ...notRead(run, excused),
    ]
  },
}
