// SPDX-License-Identifier: GPL-2.0-only
import {
  EEXIST,
  EINVAL,
  emitEvent,
  ENODEV,
  mutex_lock,
  mutex_unlock,
  objectId,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  strcmp,
  text,
  type const_char_ptr,
  type cstr,
  type device_node,
  type property,
  type PropertyEvent,
} from '@pfo-workbench/kernel'
import { __of_add_property_sysfs, __of_remove_property_sysfs, __of_update_property_sysfs } from './kobj.ts'
import {
  of_property_notify,
  OF_RECONFIG_ADD_PROPERTY,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
} from './reconfig.ts'
import { of_node_is_attached } from './node.ts'
import { nodePath } from './path.ts'
import { ofState } from './state.ts'

/**
 * Models `__of_find_property` (drivers/of/base.c, v4.18), `devtree_lock` held. Names must match exactly. A null node
 * has no properties. A property without a name, which a failed allocation can leave, is an Oops when its name is
 * compared.
 */
export function __of_find_property(np: device_node | null, name: const_char_ptr | null): property | null {
  if (np === null) return null
  let pp = np.properties
  while (pp !== null && strcmp(pp.name, name) !== 0) pp = pp.next
  return pp
}

/**
 * Models `of_find_property` (drivers/of/base.c, v4.18). Takes `devtree_lock`, no reference.
 *
 * @returns the property, or null. In C, the caller gets its length in `lenp`
 */
export function of_find_property(np: device_node | null, name: const_char_ptr | null): property | null {
  const { devtree_lock } = ofState()
  raw_spin_lock_irqsave(devtree_lock)
  const pp = __of_find_property(np, name)
  raw_spin_unlock_irqrestore(devtree_lock)
  return pp
}

/** Models `__of_get_property` (drivers/of/base.c, v4.18): like `of_get_property`, but with `devtree_lock` held. */
export function __of_get_property(np: device_node | null, name: const_char_ptr): cstr | null {
  return __of_find_property(np, name)?.value ?? null
}

/**
 * Models `of_get_property` (drivers/of/base.c, v4.18). Takes `devtree_lock`, no reference.
 *
 * @returns a pointer to the value; null if there is no such property, or if its value is NULL
 */
export function of_get_property(np: device_node | null, name: const_char_ptr): cstr | null {
  return of_find_property(np, name)?.value ?? null
}

/** Emits an event about a changed property. `attached` is true if the node has a directory in sysfs. */
function emitPropertyChange(np: device_node, { name }: property, change: PropertyEvent): void {
  const [object, path, attached] = [objectId(np), nodePath(np), of_node_is_attached(np)]
  emitEvent('node.property', { object, path, property: name === null ? '' : text(name), change, attached })
}

/**
 * Models `__of_add_property` (drivers/of/base.c, v4.18): appends the property. Returns 0, or -EEXIST if the node
 * already has a property of this name. `devtree_lock` held.
 */
export function __of_add_property(np: device_node, prop: property): number {
  prop.next = null
  if (np.properties === null) {
    np.properties = prop
    emitPropertyChange(np, prop, 'add')
    return 0
  }
  for (let last = np.properties; ; last = last.next) {
    if (strcmp(last.name, prop.name) === 0) return -EEXIST
    if (last.next === null) {
      last.next = prop
      emitPropertyChange(np, prop, 'add')
      return 0
    }
  }
}

/** Unlinks `prop` from a list. Returns false if `prop` is not in the list. */
function unlinkFrom(np: device_node, list: 'properties' | 'deadprops', prop: property): boolean {
  if (np[list] === prop) {
    np[list] = prop.next
    return true
  }
  for (let before = np[list]; before !== null; before = before.next) {
    if (before.next !== prop) continue
    before.next = prop.next
    return true
  }
  return false
}

/** Removes a property from `deadprops`, if an earlier removal or update put the property there. */
export function removeFromDeadProperties(np: device_node, prop: property): void {
  unlinkFrom(np, 'deadprops', prop)
}

function buryProperty(np: device_node, prop: property): void {
  prop.next = np.deadprops
  np.deadprops = prop
}

/**
 * Models `__of_remove_property` (drivers/of/base.c, v4.18): moves the property to the front of `deadprops`. Returns 0,
 * or -ENODEV if the node does not have `prop` itself, even if it has another property of this name. `devtree_lock`
 * held.
 */
export function __of_remove_property(np: device_node, prop: property): number {
  if (!unlinkFrom(np, 'properties', prop)) return -ENODEV
  buryProperty(np, prop)
  emitPropertyChange(np, prop, 'remove')
  return 0
}

/**
 * Models `__of_update_property` (drivers/of/base.c, v4.18): puts `newprop` in the place of the property of the same
 * name and moves that property to the front of `deadprops`. Without such a property, appends `newprop`. `devtree_lock`
 * held.
 *
 * @returns the replaced property, or null. In C, the result is 0 and the caller gets the property in `oldpropp`
 */
export function __of_update_property(np: device_node, newprop: property): property | null {
  let before: property | null = null
  for (let old = np.properties; old !== null; before = old, old = old.next) {
    if (strcmp(old.name, newprop.name) !== 0) continue
    newprop.next = old.next
    if (before === null) np.properties = newprop
    else before.next = newprop
    buryProperty(np, old)
    emitPropertyChange(np, newprop, 'update')
    return old
  }
  newprop.next = null
  if (before === null) np.properties = newprop
  else before.next = newprop
  emitPropertyChange(np, newprop, 'update')
  return null
}

/**
 * Models `of_add_property` (drivers/of/base.c, v4.18): appends the property and creates its file, with `of_mutex` held.
 * Then calls the notifiers, without the mutex. Ignores errors of sysfs and of notifiers. If the node has no directory
 * in sysfs, creates no file and calls no notifier.
 *
 * @returns 0; -EEXIST if the function changes nothing
 */
export function of_add_property(np: device_node, prop: property): number {
  const { of_mutex, devtree_lock } = ofState()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  const rc = __of_add_property(np, prop)
  raw_spin_unlock_irqrestore(devtree_lock)
  if (rc === 0) __of_add_property_sysfs(np, prop)
  mutex_unlock(of_mutex)
  if (rc === 0) of_property_notify(OF_RECONFIG_ADD_PROPERTY, np, prop, null)
  return rc
}

/**
 * Models `of_remove_property` (drivers/of/base.c, v4.18): moves the property to `deadprops`, where it stays allocated,
 * and removes its file. Then calls the notifiers, as `of_add_property`.
 *
 * @returns 0, or -ENODEV if the node does not have the property or `prop` is NULL
 */
export function of_remove_property(np: device_node, prop: property | null): number {
  if (prop === null) return -ENODEV
  const { of_mutex, devtree_lock } = ofState()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  const rc = __of_remove_property(np, prop)
  raw_spin_unlock_irqrestore(devtree_lock)
  if (rc === 0) __of_remove_property_sysfs(np, prop)
  mutex_unlock(of_mutex)
  if (rc === 0) of_property_notify(OF_RECONFIG_REMOVE_PROPERTY, np, prop, null)
  return rc
}

/**
 * Models `of_update_property` (drivers/of/base.c, v4.18): replaces the property and its file, or adds both. The old
 * property moves to `deadprops` and stays allocated. Then calls the notifiers, as `of_add_property`.
 *
 * @returns 0, or -EINVAL if `newprop` has no name
 */
export function of_update_property(np: device_node, newprop: property): number {
  if (newprop.name === null) return -EINVAL
  const { of_mutex, devtree_lock } = ofState()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  const oldprop = __of_update_property(np, newprop)
  raw_spin_unlock_irqrestore(devtree_lock)
  __of_update_property_sysfs(np, newprop, oldprop)
  mutex_unlock(of_mutex)
  of_property_notify(OF_RECONFIG_UPDATE_PROPERTY, np, newprop, oldprop)
  return 0
}
