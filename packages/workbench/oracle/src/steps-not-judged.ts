// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThroughRole, type CallChain, type RunRecord } from '@pfo-workbench/run'
import { finalSnapshot } from './snapshots.ts'

/** The paths of the nodes that the kernel made in a step from what firmware told of them. */
function fetchedIn(run: RunRecord, step: number): Set<string> {
  const { nodes } = finalSnapshot(run)
  const isFetch = (chain: CallChain): boolean =>
    passesThroughRole(run.facts, chain, 'initializer') &&
    passesThroughRole(run.facts, chain, 'firmware-fetch')
  const fetched = eventsOf(run, 'ref.get')
    // The chain is read last: to resolve it takes time.
    .filter((event) => event.step === step && isFetch(event.chain))
    .map(({ object }) => object)
  return new Set(nodes.filter(({ object }) => fetched.includes(object)).map(({ path }) => path))
}

/**
 * The nodes of firmware's tree that a person took out of the live tree, with those below them, at the end of each step. One is
 * back when it is attached again, or when the kernel has fetched this node from firmware anew: what firmware adds should be in
 * the tree, whatever a person did before.
 *
 * @returns paths, by number of the step
 */
export function removedByHand(run: RunRecord): ReadonlyMap<number, ReadonlySet<string>> {
  const removed = new Set<string>()
  const moves = eventsOf(run, 'node.attach', 'node.detach')
  return new Map(
    run.steps.map(({ index, after }) => {
      for (const event of moves) {
        if (event.step !== index) continue
        const { path } = event
        if (event.type === 'node.attach') removed.delete(path)
        else if (passesThroughRole(run.facts, event.chain, 'tree-edit')) {
          for (const one of after.firmware) if (one === path || one.startsWith(`${path}/`)) removed.add(one)
        }
      }
      // Where nothing was removed nothing can be back.
      if (removed.size > 0) for (const path of fetchedIn(run, index)) removed.delete(path)
      return [index, new Set(removed)]
    }),
  )
}

/**
 * The steps in which memory was asked for and not given. What the kernel then cannot do, and says so, is no fault; what it
 * breaks is, and so is what it does not put right when there is memory again.
 */
export function stepsShortOfMemory(run: RunRecord): ReadonlySet<number> {
  return new Set(eventsOf(run, 'alloc.failed').map(({ step }) => step))
}
