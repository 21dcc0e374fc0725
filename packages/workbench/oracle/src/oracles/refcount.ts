// SPDX-License-Identifier: GPL-2.0-only
import { eventsOf, holderOf, type RunRecord } from '@pfo-workbench/run'
import { findBySubject, groupBy } from '../events-by-subject.ts'
import { findingKey } from '../finding-key.ts'
import type { Finding, Oracle } from '../finding.ts'
import { nodesNotHeld } from '../node-not-held.ts'
import { nodeSubject, subjectsOf } from '../object-names.ts'
import { toEvidence } from '../to-evidence.ts'
import { ledgersOf } from '../ledger/reference-ledger.ts'
import { finalSnapshot } from '../snapshots.ts'
import { leak, leakSubject } from './leak.ts'

/** References on nodes that were dropped by a function other than their owner, which still relies on them. */
function stolenReferences(run: RunRecord): Finding[] {
  const { facts } = run
  const ledgers = ledgersOf(run)
  return finalSnapshot(run).nodes.flatMap((node) => {
    const thefts = (ledgers.get(node.object)?.thefts ?? []).flatMap(({ put, taken }) =>
      taken === null ? [] : [{ put, taken, owner: holderOf(facts, taken.chain) }],
    )
    return [...groupBy(thefts, ({ owner }) => owner)].map(([owner, own]): Finding => {
      const [{ put }] = own
      return {
        oracle: 'refcount',
        kind: 'stolen-reference',
        subject: `${nodeSubject(node)} stolen from ${owner}`,
        step: put.step,
        count: own.length,
        data: { dropper: holderOf(facts, put.chain), owner },
        evidence: own.flatMap(({ put, taken }) => [
          toEvidence(run, put, { kind: 'dropped', data: { holder: holderOf(facts, put.chain) } }),
          toEvidence(run, taken, { kind: 'taken', data: { holder: owner } }),
        ]),
        masks: [findingKey({ oracle: leak.id, subject: leakSubject(node, owner) })],
      }
    })
  })
}

/**
 * A counter did what `refcount_t` forbids, the count of a node that is not detached dropped to 0, a reference was
 * stolen, or a device holds no reference on its node.
 */
export const refcount: Oracle = {
  id: 'refcount',
  title:
    'a reference counter under- or overflowed, or a function or device lacks the reference that it relies on',
  examine(run) {
    const subjects = subjectsOf(run)
    const faults = findBySubject(
      run,
      eventsOf(run, 'ref.fault'),
      ({ object, fault }) => `${subjects(object)} ${fault}`,
      ({ fault }) => ({ kind: 'counter-fault', data: { fault } }),
      (occurrence, { fault }): Finding => ({
        oracle: 'refcount',
        kind: 'counter-fault',
        ...occurrence,
        data: { fault },
      }),
    )
    const badPuts = findBySubject(
      run,
      eventsOf(run, 'node.bad-put'),
      ({ object }) => `${subjects(object)} bad put`,
      ({ path }) => ({ kind: 'bad-put', data: { path } }),
      (occurrence, { attached }): Finding => ({
        oracle: 'refcount',
        kind: 'bad-put',
        ...occurrence,
        data: { attached },
      }),
    )
    return [...faults, ...badPuts, ...stolenReferences(run), ...nodesNotHeld(run)]
  },
}
