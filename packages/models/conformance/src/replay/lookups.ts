// SPDX-License-Identifier: GPL-2.0-only
import { facilitiesPath, nodeKinds } from '../node-kinds.ts'
import type { RecordedLookup } from '../line-schema.ts'
import type { Observer } from './observer.ts'
import type { Finder, FoundNode, RecordedKernel } from './recorded-kernel.ts'

/** The lookups for each kind of node. */
const allLookups = nodeKinds.map(({ kind, name, path, handle }) => {
  const finders: readonly Finder[] = [
    { how: 'of_find_node_by_phandle', handle },
    { how: 'of_find_node_by_name', text: name },
    { how: 'of_find_node_by_path', text: path },
    path === facilitiesPath
      ? { how: 'of_find_node_by_type', text: name }
      : { how: 'of_find_compatible_node', text: `ibm,${kind}` },
  ]
  return { of: kind, finders }
})

/**
 * Calls the finders in order, in one process, and puts their results.
 *
 * @returns null if that process did not return
 */
export function doLookups(kernel: RecordedKernel, observer: Observer): RecordedLookup[] | null {
  return kernel.lookUp((find) =>
    allLookups.flatMap(({ of, finders }) => finders.map((finder) => resultOf(of, finder.how, find(finder)))),
  )

  function resultOf(of: string, how: string, found: FoundNode | null): RecordedLookup {
    if (found === null) return { how, of, result: 'none', state: 'not-found', kref_with_ours: -1 }
    const lookup: RecordedLookup = { how, of, ...observer.found(found.object) }
    found.put()
    return lookup
  }
}
