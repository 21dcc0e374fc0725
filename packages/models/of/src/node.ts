// SPDX-License-Identifier: GPL-2.0-only
import {
  container_of,
  currentMachine,
  device_node,
  dump_stack,
  emitEvent,
  kfree,
  kobject_get,
  kobject_init,
  kobject_put,
  OF_DETACHED,
  objectId,
  OF_DYNAMIC,
  pr_err,
  type kobj_type,
  type kobject,
  type property,
} from '@pfo-workbench/kernel'
import { nodePath } from './path.ts'
import { ofState } from './state.ts'

/** Models `of_node_check_flag` (include/linux/of.h, v4.18): true if a bit number is set. */
export function of_node_check_flag(np: device_node, flag: number): boolean {
  return (np._flags & (1 << flag)) !== 0
}

/** Models `of_node_set_flag` (include/linux/of.h, v4.18). */
export function of_node_set_flag(np: device_node, flag: number): void {
  np._flags |= 1 << flag
}

/** Models `of_node_clear_flag` (include/linux/of.h, v4.18). */
export function of_node_clear_flag(np: device_node, flag: number): void {
  np._flags &= ~(1 << flag)
}

/** Models `of_node_test_and_set_flag` (include/linux/of.h, v4.18): returns the previous value of the bit. */
export function of_node_test_and_set_flag(np: device_node, flag: number): boolean {
  const before = of_node_check_flag(np, flag)
  of_node_set_flag(np, flag)
  return before
}

/** Models `of_node_is_initialized` (drivers/of/kobj.c, v4.18). */
export function of_node_is_initialized(node: device_node | null): boolean {
  return node?.kobj.state_initialized === true
}

/**
 * Models `of_node_is_attached` (drivers/of/kobj.c, v4.18): true if the node has a sysfs directory, which does not imply
 * that it is in the tree.
 */
export function of_node_is_attached(node: device_node | null): boolean {
  return node?.kobj.state_in_sysfs === true
}

/** `of_node_ktype` (drivers/of/kobj.c, v4.18). */
export const of_node_ktype: kobj_type = { release: of_node_release }

/**
 * Models `of_node_init` (include/linux/of.h, v4.18): sets the counter to 1. This is the *init reference*, which
 * `__of_detach_node_sysfs` drops.
 */
export function of_node_init(np: device_node): void {
  kobject_init(np.kobj, of_node_ktype)
}

/**
 * Models `of_node_get` (drivers/of/dynamic.c, v4.18): +1, NULL-safe. Returns its argument even if the counter was 0.
 */
export function of_node_get<T extends device_node | null>(np: T): T {
  if (np !== null) kobject_get(np.kobj)
  return np
}

/** Models `of_node_put` (drivers/of/dynamic.c, v4.18): -1, NULL-safe. The last put releases in the caller's context. */
export function of_node_put(np: device_node | null): void {
  if (np !== null) kobject_put(np.kobj)
}

/**
 * Models `of_node_release` (drivers/of/dynamic.c, v4.18). Reports a node that is not flagged detached and leaves it
 * alone. A boot node keeps its memory; a dynamic node is freed with its properties.
 */
function of_node_release(kobj: kobject): void {
  const np = container_of<device_node>(kobj)
  if (!of_node_check_flag(np, OF_DETACHED)) {
    emitEvent('node.bad-put', { object: objectId(np), path: nodePath(np), attached: isLinked(np) })
    pr_err('OF: ERROR: Bad of_node_put() on %pOF\n', np)
    dump_stack()
    return
  }
  if (!of_node_check_flag(np, OF_DYNAMIC)) return
  property_list_free(np.properties)
  property_list_free(np.deadprops)
  kfree(np.full_name)
  kfree(np.data)
  kfree(np)
}

/** True if a node is the root, or among the children of its parent, which may be detached. Leaves no trace. */
function isLinked(np: device_node): boolean {
  return currentMachine().inspect(() => {
    if (np === ofState().of_root) return true
    let child = np.parent?.child ?? null
    while (child !== null && child !== np) child = child.sibling
    return child !== null
  })
}

/** Models `property_list_free` (drivers/of/dynamic.c, v4.18). */
function property_list_free(list: property | null): void {
  for (let prop = list; prop !== null;) {
    const { next } = prop
    kfree(prop.name)
    kfree(prop.value)
    kfree(prop)
    prop = next
  }
}
