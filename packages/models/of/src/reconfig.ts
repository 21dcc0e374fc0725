// SPDX-License-Identifier: GPL-2.0-only
import {
  blocking_notifier_call_chain,
  blocking_notifier_chain_register,
  blocking_notifier_chain_unregister,
  blocking_notifier_head,
  fileScope,
  notifier_to_errno,
  type device_node,
  type notifier_block,
  type property,
} from '@pfo-workbench/kernel'
import { of_node_is_attached } from './node.ts'

/** A node was attached (include/linux/of.h, v4.18). Notifications are sent after the change. */
export const OF_RECONFIG_ATTACH_NODE = 1
/** A node was detached (include/linux/of.h, v4.18). */
export const OF_RECONFIG_DETACH_NODE = 2
/** A property was added (include/linux/of.h, v4.18). */
export const OF_RECONFIG_ADD_PROPERTY = 3
/** A property was removed (include/linux/of.h, v4.18). */
export const OF_RECONFIG_REMOVE_PROPERTY = 4
/** A property was updated (include/linux/of.h, v4.18). */
export const OF_RECONFIG_UPDATE_PROPERTY = 5

/** `struct of_reconfig_data` (include/linux/of.h, v4.18): the argument of a callback. Holds no references. */
export interface of_reconfig_data {
  readonly dn: device_node
  readonly prop: property | null
  readonly old_prop: property | null
}

const reconfig = fileScope(() => ({
  of_reconfig_chain: new blocking_notifier_head<of_reconfig_data>('of_reconfig_chain'),
}))

/**
 * Models `of_reconfig_notifier_register` (drivers/of/dynamic.c, v4.18). Takes the chain's rwsem for writing.
 *
 * @returns always 0
 */
export function of_reconfig_notifier_register(nb: notifier_block<of_reconfig_data>): number {
  return blocking_notifier_chain_register(reconfig().of_reconfig_chain, nb)
}

/**
 * Models `of_reconfig_notifier_unregister` (drivers/of/dynamic.c, v4.18). Takes the chain's rwsem for writing.
 *
 * @returns 0, or -ENOENT if `nb` is not on the chain
 */
export function of_reconfig_notifier_unregister(nb: notifier_block<of_reconfig_data>): number {
  return blocking_notifier_chain_unregister(reconfig().of_reconfig_chain, nb)
}

/**
 * Models `of_reconfig_notify` (drivers/of/dynamic.c, v4.18): calls the chain. The caller must hold neither `of_mutex`
 * nor `devtree_lock`.
 *
 * @returns 0 or the negative errno of the last callback that was called; most callers ignore the result
 */
export function of_reconfig_notify(action: number, data: of_reconfig_data): number {
  return notifier_to_errno(blocking_notifier_call_chain(reconfig().of_reconfig_chain, action, data))
}

/**
 * Models `of_property_notify` (drivers/of/dynamic.c, v4.18): calls the chain if the node has a directory in sysfs.
 *
 * @returns the result of `of_reconfig_notify`; 0 if the chain was not called
 */
export function of_property_notify(
  action: number,
  np: device_node,
  prop: property | null,
  oldprop: property | null,
): number {
  if (!of_node_is_attached(np)) return 0
  return of_reconfig_notify(action, { dn: np, prop, old_prop: oldprop })
}
