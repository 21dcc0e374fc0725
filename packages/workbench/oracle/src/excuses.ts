// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, passesThrough, type CallChain, type RunRecord } from '@pfo-workbench/run'
import { finalSnapshot } from './states.ts'

const isFetch = (chain: CallChain): boolean =>
  passesThrough(chain, 'of_node_init') && passesThrough(chain, 'dlpar_configure_connector')

/** The paths of the nodes that the kernel made in a step from what firmware told of them. */
function fetchedIn(run: RunRecord, step: number): Set<string> {
  const { nodes } = finalSnapshot(run)
  const fetched = eventsOf(run, 'ref.get')
    // Call chains are read of what can be meant, and of no others: each has a price.
    .filter((event) => event.step === step && isFetch(event.chain))
    .map(({ object }) => object)
  return new Set(nodes.filter(({ object }) => fetched.includes(object)).map(({ path }) => path))
}

/**
 * The nodes of firmware's tree that a person took out of the live tree through `/proc/powerpc/ofdt`, with those below
 * them, at the end of each step. One is back when it is attached again, or when the kernel has fetched this node from
 * firmware anew: what firmware adds should be in the tree, whatever a person did before.
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
        else if (passesThrough(event.chain, 'ofdt_write')) {
          for (const one of after.firmware) if (one === path || one.startsWith(`${path}/`)) removed.add(one)
        }
      }
      // Where nobody removed anything nothing can be back.
      if (removed.size > 0) for (const path of fetchedIn(run, index)) removed.delete(path)
      return [index, new Set(removed)]
    }),
  )
}

/**
 * The steps in which memory was asked for and not given. What the kernel then cannot do, and says so, is nobody's fault; what
 * it breaks is, and so is what it does not put right when there is memory again.
 */
export function stepsShortOfMemory(run: RunRecord): ReadonlySet<number> {
  return new Set(eventsOf(run, 'alloc.failed').map(({ step }) => step))
}
