// SPDX-License-Identifier: GPL-2.0-only
import {
  eventsOf,
  functionsOf,
  holderOf,
  ledTo,
  passesThroughRole,
  type CallChain,
  type EventOf,
  type NodeState,
  type RunRecord,
} from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

type Get = EventOf<'ref.get'>

/** The innermost call that led to both events; empty if there is none. */
export function commonCall(a: CallChain, b: CallChain): CallChain {
  const start = a.findIndex((_, index) => ledTo(a.slice(index), b))
  return start < 0 ? [] : a.slice(start)
}

/**
 * Returns a test for the object on which the directory of a node takes a reference. This is the parent node. For the
 * root, it is an object that is no node, and only at boot, when the root gets its directory.
 */
function parentTest(run: RunRecord, { path }: NodeState, step: number): (object: string) => boolean {
  const { nodes } = finalSnapshot(run)
  if (path === '/') return (object) => step === 0 && nodes.every((node) => node.object !== object)
  const parent = path.slice(0, Math.max(1, path.lastIndexOf('/')))
  const parents = new Set(nodes.flatMap((node) => (node.path === parent ? [node.object] : [])))
  return (object) => parents.has(object)
}

/** An attachment of a node. */
interface Attachment {
  /** Calls that linked the node or created its directory. */
  readonly makers: readonly CallChain[]
  /**
   * The innermost call that linked the node and created its directory. If there was no directory, the call that linked
   * the node. Empty if no call linked the node.
   */
  readonly whole: CallChain
}

/** The attachment of a node since its last detach, in the step and the task of a reference. */
function attachmentOf(run: RunRecord, node: NodeState, { step, task }: Get): Attachment {
  const detach = eventsOf(run, 'node.detach').findLast(({ object }) => object === node.object)
  const isParent = parentTest(run, node, step)
  const events = eventsOf(run, 'node.attach', 'ref.get').filter((event) => {
    if (event.step !== step || event.task !== task || event.seq < (detach?.seq ?? 0)) return false
    return event.type === 'node.attach'
      ? event.object === node.object
      : isParent(event.object) && passesThroughRole(run.facts, event.chain, 'directory')
  })
  const makers = events.map(({ chain }) => chain)
  const link = events.findIndex(({ type }) => type === 'node.attach')
  const linking = makers[link]
  if (linking === undefined) return { makers, whole: [] }
  const shared = makers.filter((_, index) => index !== link).map((other) => commonCall(linking, other))
  // Without a directory, only the call that linked the node made the attachment.
  const [whole = linking] = shared.sort((a, b) => b.length - a.length)
  return { makers, whole }
}

/**
 * Leaves out references that should be dropped when a node is detached. A call that links a node, creates its
 * directory, or does both may take one reference for the link and the directory. The code that removes the link or the
 * directory drops this reference. Until the node is detached, it is unknown whether the reference leaks. A second
 * reference of the same call is not left out.
 *
 * @param gets - references on a node that is in the tree
 */
export function withoutOwedByDetach(run: RunRecord, node: NodeState, gets: readonly Get[]): readonly Get[] {
  const owed = new Set<string>()
  return gets.filter((get) => {
    const holder = holderOf(run.facts, get.chain)
    const call = get.chain.slice(get.chain.findIndex((frame) => frame.function === holder))
    const { makers, whole } = attachmentOf(run, node, get)
    const isOwed = makers.some((maker) => ledTo(call, maker)) && call.length >= whole.length
    const key = functionsOf(call).join(' < ')
    if (!isOwed || owed.has(key)) return true
    owed.add(key)
    return false
  })
}
