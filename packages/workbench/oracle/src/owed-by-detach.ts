// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  holderOf,
  passesThroughRole,
  type CallChain,
  type EventOf,
  type NodeState,
  type RunRecord,
} from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

type Get = EventOf<'ref.get'>

/** An event of the attachment of a node: it was linked, or its directory took a reference on the parent. */
type Attachment = EventOf<'node.attach'> | Get

const functionsIn = (chain: CallChain): string[] => chain.map((frame) => frame.function)

/** The holder of a reference and its callers. */
function callOf(run: RunRecord, { chain }: Get): string[] {
  const functions = functionsIn(chain)
  return functions.slice(functions.indexOf(holderOf(run.facts, chain)))
}

/** True if the call, from the same callers, led to the event. */
function ledTo(call: readonly string[], { chain }: Attachment): boolean {
  const functions = functionsIn(chain)
  const from = functions.length - call.length
  return from > 0 && call.every((name, index) => functions[from + index] === name)
}

/** Objects that may be the parent of a node's directory. The parent of the root's directory is no node. */
function parentsOf(run: RunRecord, { path }: NodeState): ReadonlySet<string> | null {
  if (path === '/') return null
  const parent = path.slice(0, Math.max(1, path.lastIndexOf('/')))
  return new Set(finalSnapshot(run).nodes.flatMap((node) => (node.path === parent ? [node.object] : [])))
}

/** The events since the last detach of a node that linked it or created its directory. */
function attachmentsOf(run: RunRecord, node: NodeState, { step, task }: Get): Attachment[] {
  const detach = eventsOf(run, 'node.detach').findLast(({ object }) => object === node.object)
  const parents = parentsOf(run, node)
  return eventsOf(run, 'node.attach', 'ref.get').filter((event) => {
    if (event.step !== step || event.task !== task || event.seq < (detach?.seq ?? 0)) return false
    if (event.type === 'node.attach') return event.object === node.object
    return (
      (parents === null || parents.has(event.object)) &&
      passesThroughRole(run.facts, event.chain, 'directory')
    )
  })
}

/**
 * Leaves out the references that the detach of a node owes. A call that links a node or creates its directory may take
 * one reference for the link or the directory. The code that removes the link or the directory drops it, so it is
 * unknown whether it leaks until the node is detached. A second reference of the same call is not left out.
 *
 * @param gets - references on a node that is in the tree
 */
export function withoutOwedByDetach(run: RunRecord, node: NodeState, gets: readonly Get[]): readonly Get[] {
  const owed = new Set<string>()
  return gets.filter((get) => {
    const call = callOf(run, get)
    const key = call.join(' < ')
    if (owed.has(key) || !attachmentsOf(run, node, get).some((event) => ledTo(call, event))) return true
    owed.add(key)
    return false
  })
}
