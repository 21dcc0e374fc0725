// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { groupBy } from '../events-by-subject.ts'
import type { Finding, FindingOf, Oracle } from '../finding.ts'
import { subjectsOf } from '../object-names.ts'
import { toEvidence } from '../to-evidence.ts'

/** The notifier chain for changes of the tree (`of_reconfig_chain`, drivers/of/dynamic.c). */
const chainName = 'of_reconfig_chain'

type ChangeOfTree = FindingOf<'not-notified'>['data']['change']

/** The action that the chain reports for each change: `OF_RECONFIG_*` (include/linux/of.h). */
const actions: Readonly<Record<ChangeOfTree, number>> = {
  attach: 1,
  detach: 2,
  'add-property': 3,
  'remove-property': 4,
  'update-property': 5,
}

type ChangeEvent = EventOf<'node.attach' | 'node.detach' | 'node.property'>
type Call = EventOf<'notifier.call'>

/** A change that the chain must report, and the number of its reports. */
interface Change {
  readonly event: ChangeEvent
  readonly change: ChangeOfTree
  /** The object, and the property if one changed. If a second change of it undoes the first, neither is reported. */
  readonly thing: string
  calls: number
}

function changeOf(event: ChangeEvent): ChangeOfTree {
  if (event.type === 'node.property') return `${event.change}-property`
  return event.type === 'node.attach' ? 'attach' : 'detach'
}

/** Splits calls into rounds of the chain: consecutive calls with the same action, each callback once. */
function roundsOf(calls: readonly Call[]): [Call, ...Call[]][] {
  const rounds: [Call, ...Call[]][] = []
  for (const call of calls) {
    const round = rounds.at(-1)
    const goesOn =
      round !== undefined &&
      round[0].action === call.action &&
      round[0].task === call.task &&
      !round.some(({ callback }) => callback === call.callback)
    if (goesOn) round.push(call)
    else rounds.push([call])
  }
  return rounds
}

/**
 * Assigns each round of a step to the latest earlier change of its action without a call. If all of these have a call,
 * the latest one gets another.
 */
function matchStep(changes: readonly Change[], calls: readonly Call[]): void {
  for (const [first] of roundsOf(calls)) {
    const before = changes.filter(
      ({ event, change }) => event.seq < first.seq && actions[change] === first.action,
    )
    const told = before.findLast((one) => one.calls === 0) ?? before.at(-1)
    if (told !== undefined) told.calls++
  }
}

/**
 * True for changes that were undone in the same step without notification, as a failing changeset does. An update
 * counts as undone by another update.
 */
function isUndone(one: Change, changes: readonly Change[]): boolean {
  const takesBack = ({ change }: Change): boolean => change !== one.change || one.change === 'update-property'
  return changes.some(
    (other) => other !== one && other.thing === one.thing && other.calls === 0 && takesBack(other),
  )
}

/**
 * True for a property change if the node was detached later in the same step: when the chain would be called, the
 * directory of the node is gone.
 */
function hasLeft({ event }: Change, changes: readonly Change[]): boolean {
  return (
    event.type === 'node.property' &&
    changes.some(({ event: other, change }) => {
      return change === 'detach' && other.object === event.object && other.seq > event.seq
    })
  )
}

function examineStep(changes: readonly Change[], calls: readonly Call[]): Change[] {
  matchStep(changes, calls)
  const isTold = (one: Change): boolean =>
    one.calls === 1 || (one.calls === 0 && (isUndone(one, changes) || hasLeft(one, changes)))
  return changes.filter((one) => !isTold(one))
}

/**
 * The tree was changed and the reconfig chain was not called exactly once. The oracle ignores property changes of nodes
 * without a sysfs directory, because the kernel does not report them. It also ignores the boot, and steps in which a
 * task died or hung.
 */
export const lostNotification: Oracle = {
  id: 'lost-notification',
  title: 'the tree was changed and the reconfig chain was not called exactly once',
  examine(run) {
    const calls = eventsOf(run, 'notifier.call').filter(({ head }) => head === chainName)
    // With no callback registered, there are no calls to see.
    if (calls.length === 0) return []
    const brokenOff = new Set(eventsOf(run, 'oops', 'hang').map(({ step }) => step))
    const changes = eventsOf(run, 'node.attach', 'node.detach', 'node.property')
      .filter((event) => event.type !== 'node.property' || event.attached)
      .filter(({ step }) => step > 0 && !brokenOff.has(step))
      .map((event): Change => {
        const property = event.type === 'node.property' ? ` ${event.property}` : ''
        return { event, change: changeOf(event), thing: `${event.object}${property}`, calls: 0 }
      })
    const found = [...groupBy(changes, ({ event }) => String(event.step))].flatMap(([step, ofStep]) =>
      examineStep(
        ofStep,
        calls.filter((call) => String(call.step) === step),
      ),
    )
    return findingsOf(run, found)
  },
}

function findingsOf(run: RunRecord, found: readonly Change[]): Finding[] {
  const subjects = subjectsOf(run)
  const subjectOf = ({ event, change, calls }: Change): string => {
    const property = event.type === 'node.property' ? ` ${event.property}` : ''
    return `${subjects(event.object)}${property} ${change}${calls === 0 ? '' : ' twice'}`
  }
  return [...groupBy(found, subjectOf)].map(([subject, group]): Finding => {
    const [{ event, change, calls }] = group
    return {
      oracle: 'lost-notification',
      kind: 'not-notified',
      subject,
      step: event.step,
      count: group.length,
      data: { change, calls },
      evidence: [toEvidence(run, event, { kind: 'tree-changed', data: { path: event.path } })],
    }
  })
}
