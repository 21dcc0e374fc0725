// SPDX-License-Identifier: GPL-2.0-only
import {
  be32_to_cpup,
  emitEvent,
  followPointer,
  literal,
  mutex_lock,
  mutex_unlock,
  objectId,
  OF_DETACHED,
  raw_spin_lock_irqsave,
  raw_spin_unlock_irqrestore,
  strcmp,
  WARN_ON,
  type device_node,
  type property,
} from '@pfo-workbench/kernel'
import { __of_attach_node_sysfs, __of_detach_node_sysfs } from './kobj.ts'
import { of_node_check_flag, of_node_clear_flag, of_node_set_flag } from './node.ts'
import { nodePath } from './path.ts'
import { __of_find_property, __of_get_property, of_find_property } from './property.ts'
import {
  of_reconfig_notify,
  OF_RECONFIG_ADD_PROPERTY,
  OF_RECONFIG_ATTACH_NODE,
  OF_RECONFIG_DETACH_NODE,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
  type of_reconfig_data,
} from './reconfig.ts'
import { ofState } from './state.ts'

/** Value of `name` and `type` in a node without the property: one string in read-only data. */
export const NULL_NAME: ReturnType<typeof literal> = literal('<NULL>')

/**
 * The phandle of a node that is being attached, read from its properties. The first of the three properties that has a
 * value wins. 0 if there is none, or if its length is below 4.
 */
function phandleOf(np: device_node): number {
  for (const name of ['phandle', 'linux,phandle', 'ibm,phandle']) {
    const prop = __of_find_property(np, name)
    if (prop?.value != null) return prop.length >= 4 ? be32_to_cpup(prop.value) : 0
  }
  return 0
}

/**
 * Models `__of_attach_node` (drivers/of/dynamic.c, v4.18), `devtree_lock` held: sets name, type and phandle from the
 * properties, then makes the node the first child of its parent and clears OF_DETACHED. A node without a parent is an
 * Oops. Clears the node's child pointer, so a subtree below the node is lost. Takes no reference.
 */
export function __of_attach_node(np: device_node): void {
  const parent = followPointer(np.parent)
  np.name = __of_get_property(np, 'name') ?? NULL_NAME
  np.type = __of_get_property(np, 'device_type') ?? NULL_NAME
  np.phandle = phandleOf(np)
  np.child = null
  np.sibling = parent.child
  parent.child = np
  of_node_clear_flag(np, OF_DETACHED)
  emitEvent('node.attach', { object: objectId(np), parent: objectId(parent), path: nodePath(np) })
}

/**
 * Models `of_attach_node` (drivers/of/dynamic.c, v4.18): links the node, creates its directory and property files, then
 * calls the notifiers. Ignores errors of sysfs and of notifiers. Leaves the phandle cache alone.
 *
 * @returns always 0
 */
export function of_attach_node(np: device_node): number {
  const { of_mutex, devtree_lock } = ofState()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  __of_attach_node(np)
  raw_spin_unlock_irqrestore(devtree_lock)
  __of_attach_node_sysfs(np)
  mutex_unlock(of_mutex)
  of_reconfig_notify(OF_RECONFIG_ATTACH_NODE, { dn: np, prop: null, old_prop: null })
  return 0
}

/**
 * Models `__of_detach_node` (drivers/of/dynamic.c, v4.18), `devtree_lock` held: unlinks the node from its parent's
 * children and flags it OF_DETACHED. Parent, sibling, child, phandle and name keep their values, and the phandle cache
 * keeps the node. Only warns if the node is already detached or has no parent. It is an Oops if the node is not among
 * its parent's children.
 */
export function __of_detach_node(np: device_node): void {
  const again = of_node_check_flag(np, OF_DETACHED)
  const { parent } = np
  if (again || parent !== null) {
    emitEvent('node.detach', {
      object: objectId(np),
      parent: parent === null ? null : objectId(parent),
      path: nodePath(np),
      again,
    })
  }
  if (WARN_ON(again, 'drivers/of/dynamic.c:257')) return
  WARN_ON(parent === null, 'drivers/of/dynamic.c:261')
  if (parent === null) return
  if (parent.child === np) {
    parent.child = np.sibling
  } else {
    let before = followPointer(parent.child)
    while (before.sibling !== np) before = followPointer(before.sibling)
    before.sibling = np.sibling
  }
  of_node_set_flag(np, OF_DETACHED)
}

/**
 * Models `of_detach_node` (drivers/of/dynamic.c, v4.18): unlinks the node, removes property files and directory (-1 on
 * the parent), drops the init reference and calls the notifiers. A second detach of a node warns, but also drops a
 * reference and notifies. Before `of_core_init`, no reference is dropped.
 *
 * The caller must hold its own reference: the notifiers run after the init reference is dropped.
 *
 * @returns always 0
 */
export function of_detach_node(np: device_node): number {
  const { of_mutex, devtree_lock } = ofState()
  mutex_lock(of_mutex)
  raw_spin_lock_irqsave(devtree_lock)
  __of_detach_node(np)
  raw_spin_unlock_irqrestore(devtree_lock)
  __of_detach_node_sysfs(np)
  mutex_unlock(of_mutex)
  of_reconfig_notify(OF_RECONFIG_DETACH_NODE, { dn: np, prop: null, old_prop: null })
  return 0
}

/** The change has no effect on a device (`enum of_reconfig_change`, include/linux/of.h, v4.18). */
export const OF_RECONFIG_NO_CHANGE = 0
/** A device was added (include/linux/of.h, v4.18). */
export const OF_RECONFIG_CHANGE_ADD = 1
/** A device was removed (include/linux/of.h, v4.18). */
export const OF_RECONFIG_CHANGE_REMOVE = 2

/**
 * Compares the text of the property and ignores its length. A node without the property is enabled. A property without
 * a value is an Oops.
 */
function isEnabled(status: property | null): boolean {
  return status === null || strcmp(status.value, 'okay') === 0 || strcmp(status.value, 'ok') === 0
}

function isStatus(prop: property | null): boolean {
  return prop !== null && strcmp(prop.name, 'status') === 0
}

/**
 * Models `of_reconfig_get_state_change` (drivers/of/dynamic.c, v4.18): tells from "status" if a change adds or removes
 * a node's device.
 *
 * @returns one of the `OF_RECONFIG_*CHANGE*` values; OF_RECONFIG_NO_CHANGE for an unknown action and for a change of
 * another property
 */
export function of_reconfig_get_state_change(action: number, pr: of_reconfig_data): number {
  let before = false
  let after = false
  switch (action) {
    case OF_RECONFIG_ATTACH_NODE:
      after = isEnabled(of_find_property(pr.dn, 'status'))
      break
    case OF_RECONFIG_DETACH_NODE:
      before = isEnabled(of_find_property(pr.dn, 'status'))
      break
    case OF_RECONFIG_ADD_PROPERTY:
      if (!isStatus(pr.prop)) return OF_RECONFIG_NO_CHANGE
      before = true
      after = isEnabled(pr.prop)
      break
    case OF_RECONFIG_REMOVE_PROPERTY:
      if (!isStatus(pr.prop)) return OF_RECONFIG_NO_CHANGE
      before = isEnabled(pr.prop)
      after = true
      break
    case OF_RECONFIG_UPDATE_PROPERTY:
      if (!isStatus(pr.prop)) return OF_RECONFIG_NO_CHANGE
      before = isEnabled(pr.old_prop)
      after = isEnabled(pr.prop)
      break
    default:
      return OF_RECONFIG_NO_CHANGE
  }
  if (before === after) return OF_RECONFIG_NO_CHANGE
  return after ? OF_RECONFIG_CHANGE_ADD : OF_RECONFIG_CHANGE_REMOVE
}
