// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { callersOf, holderOf } from './chain.ts'
import { findingKey, type Finding, type Oracle } from './finding.ts'
import { groupBy, groupEvents, times } from './group.ts'
import { leak, leakSubject } from './leak.ts'
import { ledgersOf } from './ledger.ts'
import { nodeSubject, subjectsOf } from './names.ts'
import { finalSnapshot } from './states.ts'

const meaning: Readonly<Record<EventOf<'ref.fault'>['fault'], string>> = {
  'increment-on-0': 'a reference was taken after the last one was dropped',
  'addition-on-0': 'references were added after the last one was dropped',
  underflow: 'a reference was dropped after the last one',
  saturated: 'the counter saturated',
  'decrement-hit-0': 'the counter reached 0 in a plain decrement',
}

/** References on nodes that were dropped by somebody else than their owner, who still counts on them. */
function stolenReferences(run: RunRecord): Omit<Finding, 'oracle'>[] {
  const ledgers = ledgersOf(run)
  return finalSnapshot(run).nodes.flatMap((node) => {
    const thefts = (ledgers.get(node.object)?.thefts ?? []).flatMap(({ put, taken }) =>
      taken === null ? [] : [{ put, taken, owner: holderOf(taken.chain) }],
    )
    return [...groupBy(thefts, ({ owner }) => owner)].map(([owner, own]) => {
      const [{ put }] = own
      return {
        subject: `${nodeSubject(node)} stolen from ${owner}`,
        step: put.step,
        count: own.length,
        message: `${holderOf(put.chain)} dropped a reference that is not its own but ${owner}'s${times(own.length)}`,
        evidence: own.flatMap(({ put, taken }) => [
          { text: `dropped for ${holderOf(put.chain)}`, chain: callersOf(put.chain), seq: put.seq },
          { text: `taken for ${owner}`, chain: callersOf(taken.chain), seq: taken.seq },
        ]),
        masks: [findingKey({ oracle: leak.id, subject: leakSubject(node, owner) })],
      }
    })
  })
}

/** A counter went where `refcount_t` says it must not, a node was put to 0 while attached, or a reference was stolen. */
export const refcount: Oracle = {
  id: 'refcount',
  title: 'a reference counter under- or overflowed, or a reference was dropped by who did not hold it',
  examine(run) {
    const subjects = subjectsOf(run)
    const faults = groupEvents(
      eventsOf(run, 'ref.fault'),
      ({ object, fault }) => `${subjects(object)} ${fault}`,
      ({ fault }, count) => `${meaning[fault]}${times(count)}`,
      ({ fault }) => fault,
    )
    const badPuts = groupEvents(
      eventsOf(run, 'node.bad-put'),
      ({ object }) => `${subjects(object)} bad put`,
      ({ attached }, count) =>
        `the last reference was dropped ${attached ? 'while the node was attached' : 'of a node that never was attached'}${times(count)}`,
      ({ path }) => `OF: ERROR: Bad of_node_put() on ${path}`,
    )
    return [...faults, ...badPuts, ...stolenReferences(run)]
  },
}
