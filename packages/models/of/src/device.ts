// SPDX-License-Identifier: GPL-2.0-only
import {
  add_uevent_var,
  mutex_lock,
  mutex_unlock,
  strcmp,
  type device,
  type kobj_uevent_env,
} from '@pfo-workbench/kernel'
import { of_find_property } from './property.ts'
import { propertyStrings } from './read.ts'
import { ofState } from './state.ts'

/**
 * Models `of_device_uevent` (drivers/of/device.c, v4.18): adds the OF_* variables of the device's node, even if the
 * node is detached. Adds nothing for a device without a node. Takes `of_mutex`.
 */
export function of_device_uevent(dev: device, env: kobj_uevent_env): void {
  const { of_node } = dev
  if (of_node === null) return
  add_uevent_var(env, 'OF_NAME=%s', of_node.name)
  add_uevent_var(env, 'OF_FULLNAME=%pOF', of_node)
  if (of_node.type !== null && strcmp(of_node.type, '<NULL>') !== 0) {
    add_uevent_var(env, 'OF_TYPE=%s', of_node.type)
  }
  const compatible = propertyStrings(of_find_property(of_node, 'compatible'))
  for (const [index, entry] of compatible.entries()) {
    add_uevent_var(env, 'OF_COMPATIBLE_%d=%s', index, entry)
  }
  add_uevent_var(env, 'OF_COMPATIBLE_N=%d', compatible.length)
  const { aliases_lookup, of_mutex } = ofState()
  mutex_lock(of_mutex)
  for (const [index, { alias }] of aliases_lookup.filter(({ np }) => np === of_node).entries()) {
    add_uevent_var(env, 'OF_ALIAS_%d=%s', index, alias)
  }
  mutex_unlock(of_mutex)
}
