// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type FirmwareChange, type RunRecord } from '@pfo-workbench/run'
import { nodeSubject } from './object-names.ts'

/** A change by firmware, with its step. */
export interface SteppedChange extends FirmwareChange {
  readonly step: number
}

/** A change by firmware that the kernel wrote to a detached node. */
interface DetachedUpdate {
  /** Subject of the finding: the detached node and the property. */
  readonly subject: string
  /** The update of the detached node. */
  readonly event: EventOf<'node.property'>
}

/** The last change that firmware made on its own to each property. Earlier changes are not visible at the end. */
export function lastChanges(run: RunRecord): SteppedChange[] {
  const changes = run.steps.flatMap(({ index, changes }) => changes.map((one) => ({ ...one, step: index })))
  return [...new Map(changes.map((change) => [`${change.node} ${change.property}`, change])).values()]
}

/**
 * Finds detached nodes whose property got its new value in the step in which firmware changed the property. The kernel
 * reaches such a node through a finder that returns detached nodes.
 */
export function detachedUpdates(run: RunRecord, { node, property, step }: SteppedChange): DetachedUpdate[] {
  const { nodes = [] } = run.steps.find(({ index }) => index === step)?.after ?? {}
  const events = eventsOf(run, 'node.property').filter(
    (event) => event.step === step && event.property === property,
  )
  return nodes.flatMap((state): DetachedUpdate[] => {
    if (state.path !== node || state.inTree || state.life === 'freed') return []
    if (state.outdated?.includes(property) === true) return []
    const event = events.findLast(({ object }) => object === state.object)
    return event === undefined ? [] : [{ subject: `${nodeSubject(state)} ${property}`, event }]
  })
}
