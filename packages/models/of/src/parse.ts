// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  EINVAL,
  ENOENT,
  pr_err,
  type const_char_ptr,
  type device_node,
} from '@pfo-workbench/kernel'
import { of_node_put } from './node.ts'
import { of_find_node_by_phandle } from './phandle.ts'
import { of_find_property } from './property.ts'
import { of_property_read_u32 } from './read.ts'

/** `struct of_phandle_args` (include/linux/of.h, v4.18): one entry of a phandle list. */
export interface of_phandle_args {
  /**
   * The node, with +1 for the caller to put. Null if no node has the phandle; this can happen only in a list without
   * cells.
   */
  readonly np: device_node | null
  /** The cells after the phandle. */
  readonly args: readonly number[]
}

/**
 * Models `of_parse_phandle` (drivers/of/base.c, v4.18): the node of entry `index` in a list of phandles without cells.
 *
 * @returns the node with +1 for the caller to put, or null
 */
export function of_parse_phandle(
  np: device_node,
  phandle_name: const_char_ptr,
  index: number,
): device_node | null {
  const found = index < 0 ? -EINVAL : __of_parse_phandle_with_args(np, phandle_name, null, index)
  return typeof found === 'number' ? null : found.np
}

/**
 * Models `of_parse_phandle_with_args` (drivers/of/base.c, v4.18): entry `index` of a list. The property `cells_name` of
 * the node gives the number of cells after its phandle.
 *
 * @returns the entry, whose node the caller puts; -EINVAL for a malformed list or a negative index; -ENOENT if there is
 * no such list or entry, or the entry is empty
 */
export function of_parse_phandle_with_args(
  np: device_node,
  list_name: const_char_ptr,
  cells_name: const_char_ptr,
  index: number,
): of_phandle_args | number {
  return index < 0 ? -EINVAL : __of_parse_phandle_with_args(np, list_name, cells_name, index)
}

/** Models `__of_parse_phandle_with_args` (drivers/of/base.c, v4.18); without `cells_name`, phandles have no cells. */
function __of_parse_phandle_with_args(
  np: device_node,
  list_name: const_char_ptr,
  cells_name: const_char_ptr | null,
  index: number,
): of_phandle_args | number {
  const list = of_find_property(np, list_name)
  if (list?.value == null) return -ENOENT
  const { value } = list
  const end = Math.floor(list.length / 4)
  let passed = 0
  for (let at = 0; at < end; passed++) {
    const handle = be32_to_cpup(value, at++)
    const node = of_find_node_by_phandle(handle)
    const count = handle === 0 || cells_name === null ? 0 : cellsOf(np, node, cells_name)
    if (at + count > end) pr_err('OF: %pOF: arguments longer than property\n', np)
    if (count < 0 || at + count > end) {
      of_node_put(node)
      return -EINVAL
    }
    if (passed === index) {
      if (handle === 0) return -ENOENT
      return { np: node, args: Array.from({ length: count }, (_, cell) => be32_to_cpup(value, at + cell)) }
    }
    of_node_put(node)
    at += count
  }
  return -ENOENT
}

/**
 * The number of cells after the phandle of `node` in a list of `np`; a negative errno, after an error message, if
 * unknown.
 */
function cellsOf(np: device_node, node: device_node | null, cells_name: const_char_ptr): number {
  if (node === null) {
    pr_err('OF: %pOF: could not find phandle\n', np)
    return -EINVAL
  }
  const count = of_property_read_u32(node, cells_name)
  if (typeof count !== 'number') return count.value
  pr_err('OF: %pOF: could not get %s for %pOF\n', np, cells_name, node)
  return -EINVAL
}
