// SPDX-License-Identifier: GPL-2.0-only
import {
  advance,
  be32_to_cpup,
  bus_register,
  bus_type,
  EINVAL,
  EIO,
  ENODEV,
  EPERM,
  fileScope,
  followPointer,
  fromBytes,
  kobject_create_and_add,
  kobject_put,
  kset_create_and_add,
  mutex,
  mutex_lock,
  mutex_unlock,
  pr_err,
  pr_info,
  pr_warn,
  put_device,
  strcmp,
  strlen,
  sysfs_create_file,
  sysfs_remove_file,
  type device_node,
  type kobject,
  type kset,
  type Module,
} from '@pfo-workbench/kernel'
import {
  of_find_node_by_name,
  of_find_node_by_path,
  of_get_next_child,
  of_get_property,
  of_node_put,
} from '@pfo-workbench/of'
import { vio_find_node } from './find.ts'
import { vio_register_device_node, vio_unregister_device } from './register.ts'

/** Maximum length of a slot name, with its terminator (drivers/pci/hotplug/rpaphp.h:55, v4.18). */
const MAX_DRC_NAME_LEN = 64

const rpadlpar = fileScope(() => ({
  rpadlpar_mutex: new mutex('rpadlpar_mutex'),
  pci_slots_kset: null as kset | null,
  dlpar_kobj: null as kobject | null,
}))

/** Kind of node, as this module sees it. */
type NodeType = 'vio' | 'slot' | 'phb'

/**
 * Models `rpaphp_check_drc_props` (drivers/pci/hotplug/rpaphp_core.c, v4.18) with `rpaphp_check_drc_props_v1`: checks
 * that the connector of a node has this name and, if given, this type. Reads the connector properties of the parent
 * without a reference. If the parent does not list the node's connector, compares the bytes after the last entry, as in
 * C.
 *
 * @returns 0; -EINVAL if the name or type differs, the node has no connector, or a property of the parent is missing
 */
function rpaphp_check_drc_props(dn: device_node, drc_name: string, drc_type: string | null): number {
  const my_index = of_get_property(dn, 'ibm,my-drc-index')
  if (my_index === null) return -EINVAL
  const { parent } = dn
  const indexes = of_get_property(parent, 'ibm,drc-indexes')
  const names = of_get_property(parent, 'ibm,drc-names')
  const types = of_get_property(parent, 'ibm,drc-types')
  const domains = of_get_property(parent, 'ibm,drc-power-domains')
  if (indexes === null || names === null || types === null || domains === null) return -EINVAL
  // The first cell is the number of entries.
  let name = advance(names, 4)
  let type = advance(types, 4)
  for (let i = 0; i < be32_to_cpup(indexes); i++) {
    if (be32_to_cpup(indexes, i + 1) === be32_to_cpup(my_index)) break
    name = advance(name, strlen(name) + 1)
    type = advance(type, strlen(type) + 1)
  }
  if (strcmp(name, drc_name) !== 0) return -EINVAL
  return drc_type === null || strcmp(type, drc_type) === 0 ? 0 : -EINVAL
}

/**
 * Models `find_vio_slot_node` (drivers/pci/hotplug/rpadlpar_core.c, v4.18): the first child of `/vdevice` whose
 * connector has this name, or null. References: +1 on the node. The reference on `/vdevice` is leaked.
 */
function find_vio_slot_node(drc_name: string): device_node | null {
  const parent = of_find_node_by_name(null, 'vdevice')
  if (parent === null) return null
  let dn: device_node | null = null
  while ((dn = of_get_next_child(parent, dn)) !== null) {
    if (rpaphp_check_drc_props(dn, drc_name, null) === 0) break
  }
  return dn
}

/** Models `find_php_slot_pci_node` (drivers/pci/hotplug/rpadlpar_core.c, v4.18): +1 on the node; null for none. */
function find_php_slot_pci_node(drc_name: string, drc_type: string): device_node | null {
  let np: device_node | null = null
  while ((np = of_find_node_by_name(np, 'pci')) !== null) {
    if (rpaphp_check_drc_props(np, drc_name, drc_type) === 0) break
  }
  return np
}

/** Models `find_dlpar_node` (drivers/pci/hotplug/rpadlpar_core.c, v4.18): +1 on the node, leaked by all callers. */
function find_dlpar_node(
  drc_name: string,
): { readonly dn: device_node; readonly node_type: NodeType } | null {
  const slot = find_php_slot_pci_node(drc_name, 'SLOT')
  if (slot !== null) return { dn: slot, node_type: 'slot' }
  const phb = find_php_slot_pci_node(drc_name, 'PHB')
  if (phb !== null) return { dn: phb, node_type: 'phb' }
  const dn = find_vio_slot_node(drc_name)
  return dn === null ? null : { dn, node_type: 'vio' }
}

/**
 * Models `dlpar_add_vio_slot` (drivers/pci/hotplug/rpadlpar_core.c, v4.18): creates the device of a node.
 *
 * @returns 0; -EINVAL if `vio_find_node` finds a device; -EIO if the device cannot be created
 */
function dlpar_add_vio_slot(drc_name: string, dn: device_node): number {
  const vio_dev = vio_find_node(dn)
  if (vio_dev !== null) {
    put_device(vio_dev.dev)
    return -EINVAL
  }
  if (vio_register_device_node(dn) !== null) return 0
  pr_err('%s: failed to register vio node %s\n', 'dlpar_add_vio_slot', drc_name)
  return -EIO
}

/**
 * Models `dlpar_add_slot` (drivers/pci/hotplug/rpadlpar_core.c, v4.18) for virtual devices. PCI slots fail, because PCI
 * is not modelled. For a known name, prints the message even after an error. Leaks the reference on the node. In C, a
 * signal ends the wait for the mutex with -ERESTARTSYS.
 *
 * @returns 0; -ENODEV for an unknown name; -EINVAL if the device exists; -EIO if the device cannot be created, or for a
 * PCI slot
 */
function dlpar_add_slot(drc_name: string): number {
  const { rpadlpar_mutex } = rpadlpar()
  mutex_lock(rpadlpar_mutex)
  const found = find_dlpar_node(drc_name)
  let rc = -ENODEV
  if (found !== null) {
    rc = found.node_type === 'vio' ? dlpar_add_vio_slot(drc_name, found.dn) : -EIO
    pr_info('%s: slot %s added\n', 'rpadlpar_io', drc_name)
  }
  mutex_unlock(rpadlpar_mutex)
  return rc
}

/**
 * Models `dlpar_remove_vio_slot` (drivers/pci/hotplug/rpadlpar_core.c, v4.18): unregisters the device of a node.
 *
 * @returns 0, or -EINVAL if `vio_find_node` finds no device
 */
function dlpar_remove_vio_slot(dn: device_node): number {
  const vio_dev = vio_find_node(dn)
  if (vio_dev === null) return -EINVAL
  vio_unregister_device(vio_dev)
  put_device(vio_dev.dev)
  return 0
}

/**
 * Models `dlpar_remove_slot` (drivers/pci/hotplug/rpadlpar_core.c, v4.18) for virtual devices. PCI slots fail, because
 * PCI is not modelled. For a known name, prints the message even after an error. Leaks the reference on the node. In C,
 * a signal ends the wait for the mutex with -ERESTARTSYS.
 *
 * @returns 0; -ENODEV for an unknown name; -EINVAL if there is no device, or for a PCI slot
 */
function dlpar_remove_slot(drc_name: string): number {
  const { rpadlpar_mutex } = rpadlpar()
  mutex_lock(rpadlpar_mutex)
  const found = find_dlpar_node(drc_name)
  let rc = -ENODEV
  if (found !== null) {
    rc = found.node_type === 'vio' ? dlpar_remove_vio_slot(found.dn) : -EINVAL
    pr_info('%s: slot %s removed\n', 'rpadlpar_io', drc_name)
  }
  mutex_unlock(rpadlpar_mutex)
  return rc
}

/** Returns the written text up to the first newline or NUL; null if the whole text is too long for a name. */
function nameIn(buf: Uint8Array): string | null {
  return buf.length >= MAX_DRC_NAME_LEN ? null : (fromBytes(buf).split(/[\n\0]/)[0] ?? '')
}

/**
 * Models `add_slot_store` (drivers/pci/hotplug/rpadlpar_sysfs.c, v4.18).
 *
 * @returns the number of bytes written; 0 if the name is too long; or the error of `dlpar_add_slot`
 */
function add_slot_store(buf: Uint8Array): number {
  const drc_name = nameIn(buf)
  if (drc_name === null) return 0
  return dlpar_add_slot(drc_name) || buf.length
}

/**
 * Models `remove_slot_store` (drivers/pci/hotplug/rpadlpar_sysfs.c, v4.18).
 *
 * @returns the number of bytes written; 0 if the name is too long; or the error of `dlpar_remove_slot`
 */
function remove_slot_store(buf: Uint8Array): number {
  const drc_name = nameIn(buf)
  if (drc_name === null) return 0
  return dlpar_remove_slot(drc_name) || buf.length
}

/** Models `add_slot_show` (drivers/pci/hotplug/rpadlpar_sysfs.c, v4.18). */
function add_slot_show(): string {
  return '0\n'
}

/** Models `remove_slot_show` (drivers/pci/hotplug/rpadlpar_sysfs.c, v4.18). */
function remove_slot_show(): string {
  return '0\n'
}

/**
 * Stands for `pci_slot_init` (drivers/pci/slot.c, v4.18), an initcall, and for the PCI bus: `/sys/bus/pci/slots`.
 * Created on first use, because only this module needs the directory. Null if the directory cannot be created.
 */
function pciSlots(): kset | null {
  const state = rpadlpar()
  if (state.pci_slots_kset !== null) return state.pci_slots_kset
  const pci_bus_type = new bus_type('pci')
  if (bus_register(pci_bus_type) !== 0) return null
  state.pci_slots_kset = kset_create_and_add('slots', null, followPointer(pci_bus_type.p).kobj)
  return state.pci_slots_kset
}

/** Stands for `sysfs_create_group` (fs/sysfs/group.c, v4.18): creates both files, or none. Returns 0 or an error. */
function createFiles(kobj: kobject): number {
  const error = sysfs_create_file(kobj, 'add_slot', add_slot_show, add_slot_store)
  if (error !== 0) return error
  const removeError = sysfs_create_file(kobj, 'remove_slot', remove_slot_show, remove_slot_store)
  if (removeError !== 0) sysfs_remove_file(kobj, 'add_slot')
  return removeError
}

/**
 * Models `dlpar_sysfs_init` (drivers/pci/hotplug/rpadlpar_sysfs.c, v4.18): creates `/sys/bus/pci/slots/control` with
 * its two files. Not to be confused with the static function of that name in the pseries platform.
 *
 * @returns 0; -EINVAL if the directory cannot be created; or the error from creating a file
 */
function dlpar_sysfs_init(): number {
  const state = rpadlpar()
  const slots = pciSlots()
  state.dlpar_kobj = slots === null ? null : kobject_create_and_add('control', slots.kobj)
  if (state.dlpar_kobj === null) return -EINVAL
  const error = createFiles(state.dlpar_kobj)
  if (error !== 0) kobject_put(state.dlpar_kobj)
  return error
}

/** Models `dlpar_sysfs_exit` (drivers/pci/hotplug/rpadlpar_sysfs.c, v4.18). */
function dlpar_sysfs_exit(): void {
  const kobj = followPointer(rpadlpar().dlpar_kobj)
  sysfs_remove_file(kobj, 'add_slot')
  sysfs_remove_file(kobj, 'remove_slot')
  kobject_put(kobj)
}

/**
 * Models `is_dlpar_capable` (drivers/pci/hotplug/rpadlpar_core.c, v4.18): true if firmware has
 * `ibm,configure-connector`.
 */
function isDlparCapable(): boolean {
  const dn = of_find_node_by_path('/rtas')
  const token = of_get_property(dn, 'ibm,configure-connector')
  of_node_put(dn)
  return token !== null
}

/**
 * Models `rpadlpar_io_init` (drivers/pci/hotplug/rpadlpar_core.c, v4.18).
 *
 * @returns 0; -EPERM if firmware has no `ibm,configure-connector`; otherwise the error of `dlpar_sysfs_init`
 */
export function rpadlpar_io_init(): number {
  if (isDlparCapable()) return dlpar_sysfs_init()
  pr_warn('%s: partition not DLPAR capable\n', 'rpadlpar_io_init')
  return -EPERM
}

/** Models `rpadlpar_io_exit` (drivers/pci/hotplug/rpadlpar_core.c, v4.18). */
export function rpadlpar_io_exit(): void {
  dlpar_sysfs_exit()
}

/** The module that adds and removes virtual devices below `/vdevice`, for `bootMachine`. */
export const rpadlparModule: Module = {
  name: 'rpadlpar_io',
  init: rpadlpar_io_init,
  exit: rpadlpar_io_exit,
}
