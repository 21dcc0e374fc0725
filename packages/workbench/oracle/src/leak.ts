// SPDX-License-Identifier: GPL-2.0-only
import type { NodeState, RunEvent, RunRecord, Snapshot } from '@pfo-workbench/scenario'
import type { Finding, Oracle } from './finding.ts'
import { balance, callersOf, holderOf } from './ledger.ts'
import { finalSnapshot, nodeSubject, untilStep, whenHeld } from './names.ts'

/** A node that nothing can reach through the tree any more, but that is still referenced. */
function isLeaked(node: NodeState | undefined): boolean {
  return node !== undefined && !node.inTree && node.life === 'allocated' && node.refcount > 0
}

function stateOf(snapshot: Snapshot, object: string): NodeState | undefined {
  return snapshot.nodes.find((node) => node.object === object)
}

function examineNode(run: RunRecord, object: string, events: readonly RunEvent[]): Omit<Finding, 'oracle'>[] {
  const held = whenHeld(run, (snapshot) => isLeaked(stateOf(snapshot, object)))
  const node = held === null ? undefined : stateOf(held.last.after, object)
  if (held === null || node === undefined) return []
  const { outstanding, foreign } = balance(events.filter((event) => event.step <= held.last.index))
  const state = node.flags.includes('OF_DETACHED') ? 'detached' : 'never attached'
  const holders = outstanding.map((get) => holderOf(get.chain))
  const evidence = outstanding.map((get) => ({
    text: `taken for ${holderOf(get.chain)} and not dropped`,
    chain: callersOf(get.chain),
    seq: get.seq,
  }))
  const stolen = foreign.map(({ put }) => ({
    text: `${holderOf(put.chain)} dropped a reference that was not its own`,
    chain: callersOf(put.chain),
    seq: put.seq,
  }))
  const references = `${String(node.refcount)} reference${node.refcount === 1 ? '' : 's'}`
  return [
    {
      subject: nodeSubject(node),
      step: held.first.index,
      count: node.refcount,
      message: `${state} with ${references} left (${holders.join(', ') || 'holder unknown'})${untilStep(run, held)}`,
      evidence: [...evidence, ...stolen],
    },
  ]
}

/** A node outside the tree, detached or never attached, that still has references when the machine is at rest. */
export const leak: Oracle = {
  id: 'leak',
  title: 'a node outside the tree still has references when the machine is at rest',
  examine(run) {
    const byObject = new Map<string, RunEvent[]>()
    for (const event of run.events) {
      if (event.type !== 'ref.get' && event.type !== 'ref.put') continue
      const object = String(event['object'])
      const list = byObject.get(object)
      if (list === undefined) byObject.set(object, [event])
      else list.push(event)
    }
    return finalSnapshot(run).nodes.flatMap(({ object }) =>
      examineNode(run, object, byObject.get(object) ?? []),
    )
  },
}
