// SPDX-License-Identifier: GPL-2.0-only
import { functionsOf, holderOf, roleOf, type EventOf, type RunRecord } from '@pfo-workbench/run'
import { findBySubject } from '../events-by-subject.ts'
import type { Oracle } from '../finding.ts'
import { subjectsOf } from '../object-names.ts'

/** The finder that took this reference for its caller; null if none did. */
function finderOf({ facts }: RunRecord, { chain }: EventOf<'ref.get'>): string | null {
  const names = functionsOf(chain)
  const inner = names.slice(0, names.indexOf(holderOf(facts, chain)))
  return inner.find((name) => roleOf(facts, name) === 'finder') ?? null
}

/** A finder returned a node that was already detached or freed. */
export const staleLookup: Oracle = {
  id: 'stale-lookup',
  title: 'a finder returned a node that is no longer in the tree',
  examine(run) {
    const subjects = subjectsOf(run)
    const gone = new Set<string>()
    const stale: EventOf<'ref.get'>[] = []
    for (const event of run.events) {
      if (event.type === 'node.attach') gone.delete(event.object)
      else if (event.type === 'node.detach') gone.add(event.object)
      else if (event.type === 'ref.get' && gone.has(event.object) && finderOf(run, event) !== null)
        stale.push(event)
    }
    return findBySubject(
      run,
      stale,
      ({ object }) => subjects(object),
      ({ chain }) => ({ kind: 'looked-up', data: { caller: holderOf(run.facts, chain) } }),
      (occurrence, first) => ({
        oracle: 'stale-lookup',
        kind: 'detached-node-returned',
        ...occurrence,
        data: { finder: finderOf(run, first) ?? '?', caller: holderOf(run.facts, first.chain) },
      }),
    )
  },
}
