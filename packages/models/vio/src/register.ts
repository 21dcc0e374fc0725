// SPDX-License-Identifier: GPL-2.0-only
import {
  dev_name,
  dev_set_name,
  device_register,
  device_unregister,
  followPointer,
  kfree,
  kzalloc,
  literal,
  pr_err,
  pr_warn,
  put_device,
  strcmp,
  type const_char_ptr,
  type cstr,
  type device,
  type device_node,
} from '@pfo-workbench/kernel'
import {
  for_each_child_of_node,
  of_find_node_by_name,
  of_get_parent,
  of_get_property,
  of_node_get,
  of_node_put,
  of_node_to_nid,
  of_read_number,
} from '@pfo-workbench/of'
import { vioState } from './bus.ts'
import { irq_dispose_mapping, irq_of_parse_and_map } from './irq.ts'
import { PFO, to_vio_dev, VDEVICE, vio_dev } from './types.ts'

/**
 * Models `vio_dev_release` (arch/powerpc/platforms/pseries/vio.c, v4.18), called when the last reference on the device
 * is dropped: -1 on its node, and frees the `vio_dev`. IOMMU tables are not modelled.
 */
export function vio_dev_release(dev: device): void {
  of_node_put(dev.of_node)
  kfree(to_vio_dev(dev))
}

const unknownName = literal('<unknown>')

/** The node's name; `<unknown>` for a node that was never attached and therefore has no name. */
function nameOf({ name }: device_node): cstr {
  return name ?? unknownName
}

/**
 * The family of a node, by the type of its parent. Null, after a warning, if there is no parent or the parent has
 * another type.
 */
function familyOf(of_node: device_node): number | null {
  const parent_node = of_get_parent(of_node)
  if (parent_node === null) {
    pr_warn('%s: could not determine the parent of node %s.\n', 'vio_register_device_node', nameOf(of_node))
    return null
  }
  const type = followPointer(parent_node.type)
  let family: number | null = null
  if (strcmp(type, 'ibm,platform-facilities') === 0) family = PFO
  else if (strcmp(type, 'vdevice') === 0) family = VDEVICE
  else {
    pr_warn(
      '%s: parent(%pOF) of %s not recognized.\n',
      'vio_register_device_node',
      parent_node,
      nameOf(of_node),
    )
  }
  of_node_put(parent_node)
  return family
}

/** Fills in the fields of a device below `/vdevice`. Returns false, after a warning, without a type or "reg". */
function fillVdevice(viodev: vio_dev, of_node: device_node): boolean {
  viodev.type = of_node.type
  if (viodev.type === null) {
    pr_warn(
      "%s: node %s is missing the 'device_type' property.\n",
      'vio_register_device_node',
      nameOf(of_node),
    )
    return false
  }
  const reg = of_get_property(of_node, 'reg')
  if (reg === null) {
    pr_warn("%s: node %s missing 'reg'\n", 'vio_register_device_node', nameOf(of_node))
    return false
  }
  const unit_address = of_read_number(reg, 1)
  dev_set_name(viodev.dev, '%x', unit_address)
  viodev.irq = irq_of_parse_and_map(of_node)
  viodev.unit_address = unit_address
  return true
}

/** Fills in the fields of a device below `/ibm,platform-facilities`. */
function fillPfo(viodev: vio_dev, of_node: device_node): void {
  const resource_id = of_get_property(of_node, 'ibm,resource-id')
  if (resource_id !== null) viodev.resource_id = of_read_number(resource_id, 1)
  viodev.type = nameOf(of_node)
  dev_set_name(viodev.dev, '%s', viodev.type)
  viodev.irq = 0
}

/**
 * Models `vio_register_device_node` (arch/powerpc/platforms/pseries/vio.c, v4.18): creates the device of a node and
 * registers it, which binds it to a matching driver.
 *
 * References: +1 on the node, owned by the device and dropped by `vio_dev_release`; none on the parent node. None
 * remains after an error. `name` and `type` of the device point to the strings of the node, which the node's properties
 * own.
 *
 * @param of_node - child of `/vdevice` or `/ibm,platform-facilities`
 * @returns the device, without an extra reference; null for an interrupt controller of the platform facilities, or
 * after an error, which is logged
 */
export function vio_register_device_node(of_node: device_node): vio_dev | null {
  const family = familyOf(of_node)
  if (family === null) return null
  if (family === PFO && of_get_property(of_node, 'interrupt-controller') !== null) return null

  const viodev = kzalloc(vio_dev)
  if (viodev === null) {
    pr_warn('%s: allocation failure for VIO device.\n', 'vio_register_device_node')
    return null
  }
  viodev.family = family
  if (family === PFO) {
    fillPfo(viodev, of_node)
  } else if (!fillVdevice(viodev, of_node)) {
    kfree(viodev)
    return null
  }
  viodev.name = of_node.name
  viodev.dev.of_node = of_node_get(of_node)
  viodev.dev.numa_node = of_node_to_nid(of_node)
  viodev.dev.parent = followPointer(vioState().vio_bus_device).dev
  viodev.dev.bus = vioState().vio_bus_type
  viodev.dev.release = vio_dev_release

  if (device_register(viodev.dev) !== 0) {
    pr_err('%s: failed to register device %s\n', 'vio_register_device_node', dev_name(viodev.dev))
    put_device(viodev.dev)
    return null
  }
  return viodev
}

/**
 * Models `vio_bus_scan_register_devices` (arch/powerpc/platforms/pseries/vio.c, v4.18): registers a device for each
 * child of the first node of that name in tree order. Drops all references that it takes.
 */
export function vio_bus_scan_register_devices(root_name: const_char_ptr): void {
  const node_root = of_find_node_by_name(null, root_name)
  if (node_root === null) return
  for (const node_child of for_each_child_of_node(node_root)) vio_register_device_node(node_child)
  of_node_put(node_root)
}

/**
 * Models `vio_unregister_device` (arch/powerpc/platforms/pseries/vio.c, v4.18): unbinds the device, removes it and
 * drops the reference of its registration. Afterwards it reads the device's family. If the caller has no reference, the
 * read is one of freed memory.
 */
export function vio_unregister_device(viodev: vio_dev): void {
  device_unregister(viodev.dev)
  if (viodev.family === VDEVICE) irq_dispose_mapping(viodev.irq)
}
