// SPDX-License-Identifier: GPL-2.0-only
import { followPointer, text, type cstr } from '@pfo-workbench/kernel'
import { of_find_node_by_path } from './find.ts'
import { of_property_read_string } from './read.ts'
import { ofState } from './state.ts'

/**
 * Models `of_alias_scan` (drivers/of/base.c, v4.18): looks up `/aliases`, `/chosen`, the console's node and every node
 * with an alias. Records the aliases that end in a number.
 *
 * References: +1 on each node found, never dropped. An alias without a number leaks the reference: no record of the
 * node is kept.
 */
export function of_alias_scan(): void {
  const state = ofState()
  state.of_aliases = of_find_node_by_path('/aliases')
  state.of_chosen = of_find_node_by_path('/chosen') ?? of_find_node_by_path('/chosen@0')
  const console = consolePath()
  if (console !== null) state.of_stdout = of_find_node_by_path(console)
  for (let pp = state.of_aliases?.properties ?? null; pp !== null; pp = pp.next) {
    const alias = text(followPointer(pp.name))
    if (['name', 'phandle', 'linux,phandle'].includes(alias)) continue
    const np = of_find_node_by_path(followPointer(pp.value))
    if (np !== null && /\d$/.test(alias)) state.aliases_lookup.push({ alias, np })
  }
}

/**
 * The path of the console's node, from the first of three properties that can be read as a string. Null if there is no
 * `/chosen`, or if none of the properties can be read.
 */
function consolePath(): cstr | null {
  const { of_chosen, of_aliases } = ofState()
  if (of_chosen === null) return null
  for (const [np, name] of [
    [of_chosen, 'stdout-path'],
    [of_chosen, 'linux,stdout-path'],
    [of_aliases, 'stdout'],
  ] as const) {
    const path = of_property_read_string(np, name)
    if (typeof path !== 'number') return path.value
  }
  return null
}
