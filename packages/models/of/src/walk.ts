// SPDX-License-Identifier: GPL-2.0-only
import {
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  strcasecmp,
  strcmp,
  type const_char_ptr,
  type device_node,
} from '@pfo-workbench/kernel'
import { of_node_get, of_node_put } from './node.ts'
import { __of_find_property } from './property.ts'
import { ofState } from './state.ts'

/**
 * Models `of_node_cmp` (include/linux/of.h, v4.18): true if two node names are equal, ignoring case. The macro in C
 * returns 0 for equal names.
 */
export function of_node_cmp(a: const_char_ptr, b: const_char_ptr): boolean {
  return strcasecmp(a, b) === 0
}

/**
 * Models `__of_find_all_nodes` (drivers/of/base.c, v4.18): the node after `prev`, depth first, parents first; the root
 * if `prev` is null; null at the end. Takes no lock and no references. From a detached node, follows the links that the
 * node still has.
 */
export function __of_find_all_nodes(prev: device_node | null): device_node | null {
  if (prev === null) return ofState().of_root
  if (prev.child !== null) return prev.child
  let np: device_node = prev
  while (np.parent !== null && np.sibling === null) np = np.parent
  return np.sibling
}

/** Models `of_find_all_nodes` (drivers/of/base.c, v4.18): +1 on the result, -1 on `prev`. */
export function of_find_all_nodes(prev: device_node | null): device_node | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const np = of_node_get(__of_find_all_nodes(prev))
  of_node_put(prev)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/**
 * Models `of_get_parent` (drivers/of/base.c, v4.18): +1 on the parent, even if the parent was released.
 *
 * @returns the parent; null for the root or a null `node`
 */
export function of_get_parent(node: device_node | null): device_node | null {
  if (node === null) return null
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const np = of_node_get(node.parent)
  raw_spin_unlock_irqrestore(devtree_lock)
  return np
}

/** Models `of_get_next_parent` (drivers/of/base.c, v4.18): as `of_get_parent`, and -1 on `node`. */
export function of_get_next_parent(node: device_node | null): device_node | null {
  if (node === null) return null
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const parent = of_node_get(node.parent)
  of_node_put(node)
  raw_spin_unlock_irqrestore(devtree_lock)
  return parent
}

/** Models `__of_get_next_child` (drivers/of/base.c, v4.18): like `of_get_next_child`, but with `devtree_lock` held. */
export function __of_get_next_child(node: device_node | null, prev: device_node | null): device_node | null {
  if (node === null) return null
  const next = of_node_get(prev === null ? node.child : prev.sibling)
  of_node_put(prev)
  return next
}

/**
 * Models `of_get_next_child` (drivers/of/base.c, v4.18): +1 on the result, -1 on `prev`. NULL as `prev` starts a loop;
 * a NULL result ends the loop. If `node` is null, the result is null and `prev` keeps its reference.
 */
export function of_get_next_child(node: device_node | null, prev: device_node | null): device_node | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const next = __of_get_next_child(node, prev)
  raw_spin_unlock_irqrestore(devtree_lock)
  return next
}

/**
 * Models `for_each_child_of_node` (include/linux/of.h, v4.18).
 *
 * References: +1 on the current child, dropped on the next iteration; leaving the loop early keeps the reference. The
 * children may change in the loop body: the next child is the current child's `sibling` at that time.
 */
export function* for_each_child_of_node(parent: device_node | null): Generator<device_node, void> {
  let child: device_node | null = null
  while ((child = of_get_next_child(parent, child)) !== null) yield child
}

/**
 * Models `__of_device_is_available` (drivers/of/base.c, v4.18): true if the node has no "status", if "status" has a
 * NULL value, or if its text is "okay" or "ok". False if the length of "status" is 0, or for a null node.
 * `devtree_lock` held.
 */
function __of_device_is_available(device: device_node | null): boolean {
  if (device === null) return false
  const status = __of_find_property(device, 'status')
  if (status === null || status.value === null) return true
  if (status.length <= 0) return false
  return strcmp(status.value, 'okay') === 0 || strcmp(status.value, 'ok') === 0
}

/** Models `of_device_is_available` (drivers/of/base.c, v4.18): true if "status" is okay or missing. */
export function of_device_is_available(device: device_node | null): boolean {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const available = __of_device_is_available(device)
  raw_spin_unlock_irqrestore(devtree_lock)
  return available
}

/**
 * Models `of_get_next_available_child` (drivers/of/base.c, v4.18): like `of_get_next_child`, but skips children for
 * which `of_device_is_available` would be false.
 */
export function of_get_next_available_child(
  node: device_node | null,
  prev: device_node | null,
): device_node | null {
  if (node === null) return null
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  let next = prev === null ? node.child : prev.sibling
  while (next !== null && !__of_device_is_available(next)) next = next.sibling
  of_node_get(next)
  of_node_put(prev)
  raw_spin_unlock_irqrestore(devtree_lock)
  return next
}

/** Models `of_get_child_by_name` (drivers/of/base.c, v4.18): first child by `name`, ignoring case; +1 on the result. */
export function of_get_child_by_name(node: device_node | null, name: const_char_ptr): device_node | null {
  for (const child of for_each_child_of_node(node)) {
    if (child.name !== null && of_node_cmp(child.name, name)) return child
  }
  return null
}
