// SPDX-License-Identifier: GPL-2.0-only
import { type device_node, type Machine } from '@pfo-workbench/kernel'
import {
  of_find_compatible_node,
  of_find_node_by_name,
  of_find_node_by_path,
  of_find_node_by_phandle,
  of_find_node_by_type,
  of_node_put,
} from '@pfo-workbench/of'
import { FACILITIES, NODE_KINDS } from '../node-kinds.ts'
import type { RecordedLookup } from '../recording.ts'
import type { Observer } from './observer.ts'
import type { TrackedNodes } from './tracked-nodes.ts'

/** A finder by its name. The functions here have no names, so that call chains show the finders alone. */
type Finder = readonly [name: string, find: () => device_node | null]

/** Each kind of node, and the finders that look for it. */
const LOOKUPS = NODE_KINDS.map(({ kind, name, path, handle }) => {
  const finders: readonly Finder[] = [
    ['of_find_node_by_phandle', () => of_find_node_by_phandle(handle)],
    ['of_find_node_by_name', () => of_find_node_by_name(null, name)],
    ['of_find_node_by_path', () => of_find_node_by_path(path)],
    path === FACILITIES
      ? ['of_find_node_by_type', () => of_find_node_by_type(null, name)]
      : ['of_find_compatible_node', () => of_find_compatible_node(null, null, `ibm,${kind}`)],
  ]
  return { of: kind, finders }
})

/**
 * Calls the finders one after the other and puts what they return. One process does it all.
 *
 * @returns null if that process did not come back
 */
export function doLookups(
  machine: Machine,
  nodes: TrackedNodes,
  observer: Observer,
): RecordedLookup[] | null {
  return machine.task('cat', () =>
    LOOKUPS.flatMap(({ of, finders }) => finders.map((finder) => lookUp(of, finder))),
  )

  function lookUp(of: string, [how, find]: Finder): RecordedLookup {
    const np = find()
    if (np === null) return { how, of, result: 'none', state: 'not-found', kref_with_ours: -1 }
    const lookup: RecordedLookup = {
      how,
      of,
      result: machine.inspect(() => nodes.describe(np)),
      state: observer.standing(np),
      kref_with_ours: machine.inspect(() => np.kobj.kref.refcount.refs),
    }
    of_node_put(np)
    return lookup
  }
}
