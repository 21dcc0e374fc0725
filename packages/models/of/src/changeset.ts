// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  EINVAL,
  followPointer,
  kfree,
  kmemdup,
  kstrdup,
  kzalloc,
  mutex_lock,
  mutex_unlock,
  OF_DETACHED,
  OF_DYNAMIC,
  pr_err,
  property,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  readBytes,
  struct,
  ENOMEM,
  type const_char_ptr,
} from '@pfo-workbench/kernel'
import { __of_attach_node, __of_detach_node } from './dynamic.ts'
import {
  __of_add_property_sysfs,
  __of_attach_node_sysfs,
  __of_detach_node_sysfs,
  __of_remove_property_sysfs,
  __of_update_property_sysfs,
} from './kobj.ts'
import { of_node_get, of_node_init, of_node_put, of_node_set_flag } from './node.ts'
import {
  __of_add_property,
  __of_remove_property,
  __of_update_property,
  of_find_property,
  removeFromDeadProperties,
} from './property.ts'
import {
  of_property_notify,
  of_reconfig_notify,
  OF_RECONFIG_ADD_PROPERTY,
  OF_RECONFIG_ATTACH_NODE,
  OF_RECONFIG_DETACH_NODE,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
} from './reconfig.ts'
import { ofState } from './state.ts'

/** `struct of_changeset_entry` (include/linux/of.h, v4.18): one change. Holds +1 on its node. */
export class of_changeset_entry extends struct {
  action = 0
  np: device_node | null = null
  prop: property | null = null
  old_prop: property | null = null
}

/** `struct of_changeset` (include/linux/of.h, v4.18): changes that are applied and reverted together. */
export class of_changeset {
  readonly entries: of_changeset_entry[] = []
}

/** Models `of_changeset_init` (drivers/of/dynamic.c, v4.18): makes the changeset empty. Frees no entries. */
export function of_changeset_init(ocs: of_changeset): void {
  ocs.entries.length = 0
}

/**
 * Models `of_changeset_destroy` (drivers/of/dynamic.c, v4.18): frees the entries and drops their references, in reverse
 * order.
 */
export function of_changeset_destroy(ocs: of_changeset): void {
  for (const entry of ocs.entries.splice(0).reverse()) {
    of_node_put(entry.np)
    kfree(entry)
  }
}

/**
 * Models `of_changeset_action` (drivers/of/dynamic.c, v4.18): appends an entry, which holds +1 on the node. If the
 * action is the update of a property, looks up the old property now, not when the changeset is applied. Does not check
 * the action: an unknown action fails with -EINVAL when the changeset is applied.
 *
 * @returns 0, or -ENOMEM
 */
export function of_changeset_action(
  ocs: of_changeset,
  action: number,
  np: device_node,
  prop: property | null,
): number {
  const entry = kzalloc(of_changeset_entry)
  if (entry === null) return -ENOMEM
  entry.action = action
  entry.np = of_node_get(np)
  entry.prop = prop
  if (action === OF_RECONFIG_UPDATE_PROPERTY && prop !== null) {
    entry.old_prop = of_find_property(np, prop.name)
  }
  ocs.entries.push(entry)
  return 0
}

/** Models `of_changeset_attach_node` (include/linux/of.h, v4.18). */
export function of_changeset_attach_node(ocs: of_changeset, np: device_node): number {
  return of_changeset_action(ocs, OF_RECONFIG_ATTACH_NODE, np, null)
}

/** Models `of_changeset_detach_node` (include/linux/of.h, v4.18). */
export function of_changeset_detach_node(ocs: of_changeset, np: device_node): number {
  return of_changeset_action(ocs, OF_RECONFIG_DETACH_NODE, np, null)
}

/** Models `of_changeset_add_property` (include/linux/of.h, v4.18). */
export function of_changeset_add_property(ocs: of_changeset, np: device_node, prop: property): number {
  return of_changeset_action(ocs, OF_RECONFIG_ADD_PROPERTY, np, prop)
}

/** Models `of_changeset_remove_property` (include/linux/of.h, v4.18). */
export function of_changeset_remove_property(ocs: of_changeset, np: device_node, prop: property): number {
  return of_changeset_action(ocs, OF_RECONFIG_REMOVE_PROPERTY, np, prop)
}

/**
 * Models `of_changeset_update_property` (include/linux/of.h, v4.18): adds the replacement of a property to a changeset.
 */
export function of_changeset_update_property(ocs: of_changeset, np: device_node, prop: property): number {
  return of_changeset_action(ocs, OF_RECONFIG_UPDATE_PROPERTY, np, prop)
}

/**
 * Models `__of_changeset_entry_invert` (drivers/of/dynamic.c, v4.18): the change that undoes `entry`. An update of a
 * property that did not exist is undone by a removal.
 */
function inverseOf(entry: of_changeset_entry): of_changeset_entry {
  const inverse = new of_changeset_entry()
  inverse.np = entry.np
  inverse.prop = entry.prop
  inverse.old_prop = entry.old_prop
  switch (entry.action) {
    case OF_RECONFIG_ATTACH_NODE:
      inverse.action = OF_RECONFIG_DETACH_NODE
      break
    case OF_RECONFIG_DETACH_NODE:
      inverse.action = OF_RECONFIG_ATTACH_NODE
      break
    case OF_RECONFIG_ADD_PROPERTY:
      inverse.action = OF_RECONFIG_REMOVE_PROPERTY
      break
    case OF_RECONFIG_REMOVE_PROPERTY:
      inverse.action = OF_RECONFIG_ADD_PROPERTY
      break
    case OF_RECONFIG_UPDATE_PROPERTY:
      inverse.action = entry.old_prop === null ? OF_RECONFIG_REMOVE_PROPERTY : OF_RECONFIG_UPDATE_PROPERTY
      inverse.prop = entry.old_prop ?? entry.prop
      inverse.old_prop = entry.prop
  }
  return inverse
}

/** Names of the property operations in error messages. */
const operations: Readonly<Record<number, string>> = {
  [OF_RECONFIG_ADD_PROPERTY]: 'add_property',
  [OF_RECONFIG_REMOVE_PROPERTY]: 'remove_property',
  [OF_RECONFIG_UPDATE_PROPERTY]: 'update_property',
}

/**
 * Models `__of_changeset_entry_apply` (drivers/of/dynamic.c, v4.18), `of_mutex` held: changes the tree, then sysfs.
 * Ignores errors of sysfs. Logs the name of a property operation that fails.
 *
 * @returns 0, or the error of the property operation, or -EINVAL for an unknown action
 */
function __of_changeset_entry_apply(entry: of_changeset_entry): number {
  const { devtree_lock } = ofState()
  const np = followPointer(entry.np)
  raw_spin_lock_irqsave(devtree_lock)
  const ret = applyToTree(entry, np)
  const operation = operations[entry.action]
  if (ret !== 0 && operation !== undefined) {
    pr_err('OF: changeset: %s failed @%pOF/%s\n', operation, np, entry.prop?.name)
  }
  raw_spin_unlock_irqrestore(devtree_lock)
  if (ret === 0) applyToSysfs(entry, np)
  return ret
}

function applyToTree({ action, prop }: of_changeset_entry, np: device_node): number {
  switch (action) {
    case OF_RECONFIG_ATTACH_NODE:
      __of_attach_node(np)
      return 0
    case OF_RECONFIG_DETACH_NODE:
      __of_detach_node(np)
      return 0
    case OF_RECONFIG_ADD_PROPERTY:
      removeFromDeadProperties(np, followPointer(prop))
      return __of_add_property(np, followPointer(prop))
    case OF_RECONFIG_REMOVE_PROPERTY:
      return __of_remove_property(np, followPointer(prop))
    case OF_RECONFIG_UPDATE_PROPERTY:
      removeFromDeadProperties(np, followPointer(prop))
      __of_update_property(np, followPointer(prop))
      return 0
    default:
      return -EINVAL
  }
}

function applyToSysfs({ action, prop, old_prop }: of_changeset_entry, np: device_node): void {
  if (action === OF_RECONFIG_ATTACH_NODE) __of_attach_node_sysfs(np)
  else if (action === OF_RECONFIG_DETACH_NODE) __of_detach_node_sysfs(np)
  else if (action === OF_RECONFIG_ADD_PROPERTY) __of_add_property_sysfs(np, followPointer(prop))
  else if (action === OF_RECONFIG_REMOVE_PROPERTY) __of_remove_property_sysfs(np, followPointer(prop))
  else __of_update_property_sysfs(np, followPointer(prop), old_prop)
}

/**
 * Models `__of_changeset_entry_notify` (drivers/of/dynamic.c, v4.18): calls the notifiers, for a property only if the
 * node is in sysfs. Returns 0 or the error of a notifier, which is logged. Undoes nothing.
 */
function __of_changeset_entry_notify({ np, prop, old_prop, action }: of_changeset_entry): number {
  const dn = followPointer(np)
  const nodeChange = action === OF_RECONFIG_ATTACH_NODE || action === OF_RECONFIG_DETACH_NODE
  const ret = nodeChange
    ? of_reconfig_notify(action, { dn, prop: null, old_prop: null })
    : of_property_notify(action, dn, prop, old_prop)
  if (ret !== 0) pr_err('OF: changeset notifier error @%pOF\n', dn)
  return ret
}

/**
 * Applies all entries with `of_mutex` held. If an entry fails, undoes the earlier entries in reverse order; errors of
 * the undoing are ignored. Otherwise calls the notifiers once per entry, without the mutex.
 *
 * @returns 0, the error of the change that failed, or the last error of a notifier
 */
function makeChanges(entries: readonly of_changeset_entry[], doing: 'applying' | 'reverting'): number {
  const { of_mutex } = ofState()
  mutex_lock(of_mutex)
  for (const [index, entry] of entries.entries()) {
    const ret = __of_changeset_entry_apply(entry)
    if (ret === 0) continue
    pr_err('OF: Error %s changeset (%d)\n', doing, ret)
    for (const done of entries.slice(0, index).reverse()) __of_changeset_entry_apply(inverseOf(done))
    mutex_unlock(of_mutex)
    return ret
  }
  mutex_unlock(of_mutex)
  let result = 0
  for (const entry of entries) result = __of_changeset_entry_notify(entry) || result
  return result
}

/**
 * Models `of_changeset_apply` (drivers/of/dynamic.c, v4.18). If a change fails, undoes the changes before it. An error
 * of a notifier does not undo the changes.
 *
 * @returns 0, the error of the change that failed, or the last error of a notifier
 */
export function of_changeset_apply(ocs: of_changeset): number {
  return makeChanges(ocs.entries, 'applying')
}

/**
 * Models `of_changeset_revert` (drivers/of/dynamic.c, v4.18): applies the inverse changes in reverse order, then calls
 * the notifiers once per change.
 *
 * @returns the same values as `of_changeset_apply`
 */
export function of_changeset_revert(ocs: of_changeset): number {
  return makeChanges(ocs.entries.map(inverseOf).reverse(), 'reverting')
}

/**
 * Models `__of_prop_dup` (drivers/of/dynamic.c, v4.18): a deep copy flagged OF_DYNAMIC, or null if memory is short or
 * the property has no name. If the length is 0, the value of the copy is empty, never NULL. A NULL value with another
 * length is an Oops.
 */
export function __of_prop_dup(prop: property): property | null {
  const copy = kzalloc(property)
  if (copy === null) return null
  const { value, length } = prop
  copy.name = kstrdup(prop.name)
  copy.value = kmemdup(length === 0 ? new Uint8Array(0) : readBytes(followPointer(value), length))
  copy.length = length
  if (copy.name === null || copy.value === null) {
    freeProperty(copy)
    return null
  }
  copy._flags = 1 << OF_DYNAMIC
  return copy
}

function freeProperty(prop: property): void {
  kfree(prop.name)
  kfree(prop.value)
  kfree(prop)
}

/**
 * Models `__of_node_dup` (drivers/of/dynamic.c, v4.18): a new node, dynamic and detached, count 1. If `np` is not null,
 * the new node has copies of its properties.
 *
 * @returns the node; null if memory is short, if a property of `np` has no name, or if two properties of `np` have the
 * same name. The new node, if it was allocated, is then freed
 */
export function __of_node_dup(np: device_node | null, full_name: const_char_ptr): device_node | null {
  const node = kzalloc(device_node)
  if (node === null) return null
  node.full_name = kstrdup(full_name)
  if (node.full_name === null) {
    kfree(node)
    return null
  }
  of_node_set_flag(node, OF_DYNAMIC)
  of_node_set_flag(node, OF_DETACHED)
  of_node_init(node)
  for (let pp = np === null ? null : np.properties; pp !== null; pp = pp.next) {
    const copy = __of_prop_dup(pp)
    const error = copy === null ? -ENOMEM : __of_add_property(node, copy)
    if (error === 0) continue
    if (copy !== null) freeProperty(copy)
    of_node_put(node)
    return null
  }
  return node
}
