// SPDX-License-Identifier: GPL-2.0-only
import { holderOf, type NodeState, type RunRecord } from '@pfo-workbench/run'
import { unkeptReferences } from '../unkept-references.ts'
import { groupBy, stepsOf } from '../events-by-subject.ts'
import type { Finding, Oracle } from '../finding.ts'
import { nodeSubject } from '../object-names.ts'
import { proofOf } from '../proof.ts'
import { ledgersOf, type Ledger } from '../reference-ledger.ts'
import { finalSnapshot, heldSince, lastStep } from '../snapshots.ts'

/** A node that nothing can reach through the tree any more, but that is still referenced. */
function isLeaked(node: NodeState | undefined): boolean {
  return node !== undefined && !node.inTree && node.life === 'allocated' && node.refcount > 0
}

/** What a leak is about: a node, and who took the references on it. */
export function leakSubject(node: NodeState, holder: string): string {
  return `${nodeSubject(node)} held by ${holder}`
}

function examineNode(run: RunRecord, node: NodeState, { outstanding, thefts }: Ledger): Finding[] {
  const since = heldSince(run, ({ nodes }) => isLeaked(nodes.find(({ object }) => object === node.object)))
  if (since === null) return []
  const state = node.flags.includes('OF_DETACHED') ? 'detached' : 'never-attached'
  const stolen = thefts.map(({ put }) =>
    proofOf(run, put, { kind: 'stolen', data: { dropper: holderOf(run.facts, put.chain) } }),
  )
  return [...groupBy(outstanding, ({ chain }) => holderOf(run.facts, chain))].map(
    ([holder, gets]): Finding => ({
      oracle: 'leak',
      kind: 'reference-held',
      subject: leakSubject(node, holder),
      step: Math.max(since.index, gets[0].step),
      count: gets.length,
      ...stepsOf(gets),
      data: { state, holder, references: node.refcount },
      evidence: [...gets.map((get) => proofOf(run, get, { kind: 'taken', data: { holder } })), ...stolen],
    }),
  )
}

/**
 * References on a node in the tree that nothing keeps a pointer for. Memory is looked at when a run has come to its end, so they
 * are found in the last step: a run that hangs before does not come to it.
 */
function examineAttached(run: RunRecord, node: NodeState): Finding[] {
  const gets = unkeptReferences(run).get(node.object) ?? []
  return [...groupBy(gets, ({ chain }) => holderOf(run.facts, chain))].map(([holder, own]): Finding => ({
    oracle: 'leak',
    kind: 'reference-held',
    subject: leakSubject(node, holder),
    step: lastStep(run).index,
    count: own.length,
    data: { state: 'attached', holder, references: node.refcount },
    evidence: own.map((get) => proofOf(run, get, { kind: 'taken', data: { holder } })),
  }))
}

/**
 * A node outside the tree, detached or never attached, that still has references when the machine is at rest; or one in the tree with
 * references that were taken by calls that neither dropped them nor kept a pointer for them.
 */
export const leak: Oracle = {
  id: 'leak',
  title: 'a node has references that nobody will drop when the machine is at rest',
  examine(run) {
    const ledgers = ledgersOf(run)
    return finalSnapshot(run).nodes.flatMap((node) => {
      const ledger = ledgers.get(node.object)
      if (ledger === undefined) return []
      return node.inTree ? examineAttached(run, node) : examineNode(run, node, ledger)
    })
  },
}
