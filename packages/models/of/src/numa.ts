// SPDX-License-Identifier: GPL-2.0-only
import type { device_node } from '@pfo-workbench/kernel'
import { of_node_get, of_node_put } from './node.ts'
import { of_find_property } from './property.ts'
import { of_get_next_parent } from './walk.ts'

/**
 * Models `of_node_to_nid` (arch/powerpc/mm/numa.c, v4.18): searches the node and its ancestors for
 * "ibm,associativity". Drops all references that it takes. The content of the property is not modelled.
 *
 * @returns 0 if one of these nodes has the property, otherwise -1
 */
export function of_node_to_nid(device: device_node | null): number {
  let np = of_node_get(device)
  while (np !== null && of_find_property(np, 'ibm,associativity') === null) np = of_get_next_parent(np)
  of_node_put(np)
  return np === null ? -1 : 0
}
