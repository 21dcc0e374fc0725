// SPDX-License-Identifier: GPL-2.0-only
import type { NodeState, RunRecord } from '@pfo-workbench/run'
import { callersOf, holderOf } from './chain.ts'
import type { Finding, Oracle } from './finding.ts'
import { groupBy } from './group.ts'
import { ledgersOf, type Ledger } from './ledger.ts'
import { nodeSubject } from './names.ts'
import { finalSnapshot, heldSince } from './states.ts'

/** A node that nothing can reach through the tree any more, but that is still referenced. */
function isLeaked(node: NodeState | undefined): boolean {
  return node !== undefined && !node.inTree && node.life === 'allocated' && node.refcount > 0
}

/** What a leak is about: a node, and who took the references on it. */
export function leakSubject(node: NodeState, holder: string): string {
  return `${nodeSubject(node)} held by ${holder}`
}

function examineNode(
  run: RunRecord,
  node: NodeState,
  { outstanding, thefts }: Ledger,
): Omit<Finding, 'oracle'>[] {
  const since = heldSince(run, ({ nodes }) => isLeaked(nodes.find(({ object }) => object === node.object)))
  if (since === null) return []
  const state = node.flags.includes('OF_DETACHED') ? 'detached' : 'never attached'
  const stolen = thefts.map(({ put }) => ({
    text: `${holderOf(put.chain)} dropped a reference that was not its own`,
    chain: callersOf(put.chain),
    seq: put.seq,
  }))
  return [...groupBy(outstanding, ({ chain }) => holderOf(chain))].map(([holder, gets]) => {
    const [first] = gets
    const references = gets.length === 1 ? 'a reference' : `${String(gets.length)} references`
    return {
      subject: leakSubject(node, holder),
      step: Math.max(since.index, first.step),
      count: gets.length,
      message: `${state}, with ${references} taken for ${holder} and not dropped (${String(node.refcount)} in all)`,
      evidence: [
        ...gets.map((get) => ({ text: `taken for ${holder}`, chain: callersOf(get.chain), seq: get.seq })),
        ...stolen,
      ],
    }
  })
}

/** A node outside the tree, detached or never attached, that still has references when the machine is at rest. */
export const leak: Oracle = {
  id: 'leak',
  title: 'a node outside the tree still has references when the machine is at rest',
  examine(run) {
    const ledgers = ledgersOf(run)
    return finalSnapshot(run).nodes.flatMap((node) => {
      const ledger = ledgers.get(node.object)
      return ledger === undefined ? [] : examineNode(run, node, ledger)
    })
  },
}
