// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, roleOf, type CallChain, type MemoryState, type RunRecord } from '@pfo-workbench/run'
import { groupBy } from '../events-by-subject.ts'
import type { Finding, Oracle } from '../finding.ts'
import { finalSnapshot, lastStep } from '../snapshots.ts'

type Unreachable = MemoryState['unreachable'][number]

/** The function that asked for the memory: the innermost one outside the allocator. */
function allocatorOf({ facts }: RunRecord, chain: CallChain): string {
  return chain.find((frame) => roleOf(facts, frame.function) !== 'allocator')?.function ?? '?'
}

/** Steps in which a task died or hung. Memory that only this task could reach is lost with it. */
function stepsThatKilled(run: RunRecord): ReadonlySet<number> {
  return new Set(eventsOf(run, 'oops', 'hang').map(({ step }) => step))
}

/**
 * Allocated memory that nothing points to at the end of a run, when the machine is at rest. These findings belong to
 * the last step. The `leak` oracle covers nodes with references.
 */
export const memoryLeak: Oracle = {
  id: 'memory-leak',
  title: 'allocated memory is unreachable',
  examine(run) {
    const { memory } = run
    if (memory === undefined) return []
    const killed = stepsThatKilled(run)
    const held = new Set(
      finalSnapshot(run)
        .nodes.filter(({ life, refcount }) => life === 'allocated' && refcount > 0)
        .map(({ object }) => object),
    )
    const lost = memory.unreachable.filter(({ object, step }) => !held.has(object) && !killed.has(step))
    const subjectOf = ({ struct, chain }: Unreachable): string =>
      `${struct} allocated by ${allocatorOf(run, chain)}`
    return [...groupBy(lost, subjectOf)].map(([subject, group]): Finding => {
      const [{ struct, chain }] = group
      return {
        oracle: 'memory-leak',
        kind: 'unreachable',
        subject,
        step: lastStep(run).index,
        count: group.length,
        data: { struct, by: allocatorOf(run, chain) },
        evidence: group.slice(0, shownObjects).map((one) => ({
          kind: 'allocated',
          data: { object: one.object },
          chain: one.chain,
        })),
      }
    })
  },
}

/** Number of objects to show as evidence. */
const shownObjects = 3
