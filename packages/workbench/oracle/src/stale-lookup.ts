// SPDX-License-Identifier: GPL-2.0-only
import { functionsOf, type EventOf } from '@pfo-workbench/run'
import { holderOf } from './chain.ts'
import type { Oracle } from './finding.ts'
import { groupEvents, times } from './group.ts'
import { subjectsOf } from './names.ts'

/** The functions that look a node up and hand it out with a reference. */
const finder = /^of_find_|^of_parse_phandle/

/** The finder that took this reference for its caller, if one did. */
function finderOf({ chain }: EventOf<'ref.get'>): string | null {
  const names = functionsOf(chain)
  return names.slice(0, names.indexOf(holderOf(chain))).find((name) => finder.test(name)) ?? null
}

/** A finder returned a node that was detached or freed at that moment. */
export const staleLookup: Oracle = {
  id: 'stale-lookup',
  title: 'a finder returned a node that is not in the tree any more',
  examine(run) {
    const subjects = subjectsOf(run)
    const gone = new Set<string>()
    const stale: EventOf<'ref.get'>[] = []
    for (const event of run.events) {
      if (event.type === 'node.attach') gone.delete(event.object)
      else if (event.type === 'node.detach') gone.add(event.object)
      else if (event.type === 'ref.get' && gone.has(event.object) && finderOf(event) !== null)
        stale.push(event)
    }
    return groupEvents(
      stale,
      (event) => subjects(event.object),
      (first, count) =>
        `${finderOf(first) ?? '?'} returned it to ${holderOf(first.chain)} after it was detached${times(count)}`,
      (event) => `looked up for ${holderOf(event.chain)}`,
    )
  },
}
