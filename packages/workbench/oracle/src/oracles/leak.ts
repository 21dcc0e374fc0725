// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  holderOf,
  roleOf,
  type EventOf,
  type FunctionRole,
  type NodeState,
  type RunRecord,
} from '@pfo-workbench/run'
import { withoutOwedByUnbind } from '../owed-by-unbind.ts'
import { unkeptReferences } from '../unkept-references.ts'
import { groupBy, stepsOf } from '../events-by-subject.ts'
import type { Finding, Oracle } from '../finding.ts'
import { nodeSubject, subjectsOf } from '../object-names.ts'
import { toEvidence } from '../to-evidence.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { ledgersOf } from '../ledger/reference-ledger.ts'
import { finalSnapshot, heldSince, lastStep } from '../snapshots.ts'

/** True for a node that is referenced but no longer reachable through the tree. */
function isLeaked(node: NodeState | undefined): boolean {
  return node !== undefined && !node.inTree && node.life === 'allocated' && node.refcount > 0
}

/** Subject of a leak: a node and the function that took the references. */
export function leakSubject(node: NodeState, holder: string): string {
  return `${nodeSubject(node)} held by ${holder}`
}

function examineNode(run: RunRecord, node: NodeState, { outstanding, thefts }: Ledger): Finding[] {
  const since = heldSince(run, ({ nodes }) => isLeaked(nodes.find(({ object }) => object === node.object)))
  if (since === null) return []
  const state = node.flags.includes('OF_DETACHED') ? 'detached' : 'never-attached'
  const stolen = thefts.map(({ put }) =>
    toEvidence(run, put, { kind: 'stolen', data: { dropper: holderOf(run.facts, put.chain) } }),
  )
  const held = withoutOwedByUnbind(run, node, outstanding)
  return [...groupBy(held, ({ chain }) => holderOf(run.facts, chain))].map(([holder, gets]): Finding => ({
    oracle: 'leak',
    kind: 'reference-held',
    subject: leakSubject(node, holder),
    step: Math.max(since.index, gets[0].step),
    count: gets.length,
    ...stepsOf(gets),
    data: { state, holder, references: node.refcount },
    evidence: [...gets.map((get) => toEvidence(run, get, { kind: 'taken', data: { holder } })), ...stolen],
  }))
}

/**
 * Makes findings of the references on an attached node whose takers kept no pointer. Memory is scanned only at the end
 * of a run, so these findings belong to the last step. A run that hangs earlier has no such findings.
 */
function examineAttached(run: RunRecord, node: NodeState, gets: readonly EventOf<'ref.get'>[]): Finding[] {
  return [...groupBy(gets, ({ chain }) => holderOf(run.facts, chain))].map(([holder, own]): Finding => ({
    oracle: 'leak',
    kind: 'reference-held',
    subject: leakSubject(node, holder),
    step: lastStep(run).index,
    count: own.length,
    data: { state: 'attached', holder, references: node.refcount },
    evidence: own.map((get) => toEvidence(run, get, { kind: 'taken', data: { holder } })),
  }))
}

/** Roles of functions that carry out a request of a user, and keep nothing when they return. */
const ofRequests: ReadonlySet<FunctionRole | null> = new Set(['unbind-request', 'bind-request'])

/** Finds references on devices that a request of a user took and did not drop. Other references have unknown owners. */
function examineDevices(run: RunRecord, ledgers: ReadonlyMap<string, Ledger>): Finding[] {
  const { facts } = run
  const subjects = subjectsOf(run)
  const gone = new Set(eventsOf(run, 'device.unregister').map(({ object }) => object))
  // A task that died or hung had no chance to drop its references.
  const brokenOff = new Set(eventsOf(run, 'oops', 'hang').map(({ step }) => step))
  const devices = new Set(eventsOf(run, 'device.register').map(({ object }) => object))
  return [...devices].flatMap((object) => {
    const held = (ledgers.get(object)?.outstanding ?? []).filter(
      ({ chain, step }) => ofRequests.has(roleOf(facts, holderOf(facts, chain))) && !brokenOff.has(step),
    )
    if (held.length === 0) return []
    const references =
      eventsOf(run, 'ref.get', 'ref.put').findLast((one) => one.object === object)?.after ?? 0
    if (references <= 0) return []
    return [...groupBy(held, ({ chain }) => holderOf(facts, chain))].map(([holder, gets]): Finding => ({
      oracle: 'leak',
      kind: 'reference-held',
      subject: `${subjects(object)} held by ${holder}`,
      step: gets[0].step,
      count: gets.length,
      ...stepsOf(gets),
      data: { state: gone.has(object) ? 'unregistered' : 'registered', holder, references },
      evidence: gets.map((get) => toEvidence(run, get, { kind: 'taken', data: { holder } })),
    }))
  })
}

/**
 * At rest, a node outside the tree (detached or never attached) still has references, or a node in the tree has
 * references whose takers neither dropped them nor kept a pointer. Or a device has a reference that a request of a user
 * took and did not drop.
 */
export const leak: Oracle = {
  id: 'leak',
  title: 'a node or device has references that no code will drop',
  examine(run) {
    const ledgers = ledgersOf(run)
    const unkept = unkeptReferences(run)
    const ofNodes = finalSnapshot(run).nodes.flatMap((node) => {
      const ledger = ledgers.get(node.object)
      if (ledger === undefined) return []
      return node.inTree
        ? examineAttached(run, node, unkept.get(node.object) ?? [])
        : examineNode(run, node, ledger)
    })
    return [...ofNodes, ...examineDevices(run, ledgers)]
  },
}
