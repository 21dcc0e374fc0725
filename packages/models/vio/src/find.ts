// SPDX-License-Identifier: GPL-2.0-only
import {
  bus_find_device_by_name,
  strcmp,
  text,
  type const_char_ptr,
  type device_node,
} from '@pfo-workbench/kernel'
import { of_get_parent, of_get_property, of_node_put, of_read_number } from '@pfo-workbench/of'
import { vioState } from './bus.ts'
import { char_array, snprintf } from './snprintf.ts'
import { to_vio_dev, type vio_dev } from './types.ts'

/**
 * Models `vio_find_name` (arch/powerpc/platforms/pseries/vio.c, v4.18).
 *
 * @param name - exact name of the device
 * @returns the device with +1, which the caller drops with `put_device`; or null
 */
export function vio_find_name(name: const_char_ptr): vio_dev | null {
  const found = bus_find_device_by_name(vioState().vio_bus_type, null, text(name))
  return found === null ? null : to_vio_dev(found)
}

/**
 * Models `vio_find_node` (arch/powerpc/platforms/pseries/vio.c, v4.18): the device with the *name* that a device of
 * this node would get. So a new node finds the device of the old node. A name that does not fit into the buffer is
 * truncated, and the device with the full name is not found.
 *
 * @param vnode - child of `/vdevice` or `/ibm,platform-facilities`, attached or not; takes and drops a reference on its
 * parent
 * @returns the device with +1, which the caller drops with `put_device`; or null
 */
export function vio_find_node(vnode: device_node): vio_dev | null {
  const kobj_name = char_array(20)
  const vnode_parent = of_get_parent(vnode)
  if (vnode_parent === null) return null
  const dev_type = of_get_property(vnode_parent, 'device_type')
  of_node_put(vnode_parent)
  if (dev_type === null) return null
  if (strcmp(dev_type, 'vdevice') === 0) {
    const unit_address = of_get_property(vnode, 'reg')
    if (unit_address === null) return null
    snprintf(kobj_name, '%x', of_read_number(unit_address, 1))
  } else if (strcmp(dev_type, 'ibm,platform-facilities') === 0) {
    snprintf(kobj_name, '%s', vnode.name)
  } else {
    return null
  }
  return vio_find_name(kobj_name)
}
