// SPDX-License-Identifier: GPL-2.0-only
import { spinForever, type device_node } from '@pfo-workbench/kernel'
import { __of_find_all_nodes } from './walk.ts'

/** A walk over more nodes than this never ends, because a node was linked twice. */
const maxNodes = 100_000

/**
 * The first matching node, or null. The search begins with `start` itself and follows the order of
 * `__of_find_all_nodes`. `devtree_lock` held. An endless walk ends the task with a soft lockup.
 */
export function firstMatch(
  start: device_node | null,
  matches: (np: device_node) => boolean,
): device_node | null {
  let passed = 0
  let np = start
  while (np !== null && !matches(np)) {
    if (++passed > maxNodes) spinForever('the device tree')
    np = __of_find_all_nodes(np)
  }
  return np
}
