// SPDX-License-Identifier: GPL-2.0-only
import { fromBytes } from '../../c/bytes.ts'
import {
  device_attach,
  device_release_driver,
  driver_attach,
  driver_detach,
  driver_match_device,
  driver_probe_device,
} from './dd.ts'
import {
  dev_attr_show,
  dev_name,
  driver_private,
  get_device,
  put_device,
  subsys_private,
  type bus_type,
  type device,
  type device_driver,
} from './device.ts'
import { EBUSY, EINVAL, ENODEV, ENOMEM } from '../../include/errno.ts'
import type { kobj_type, kobject, kset, kset_uevent_ops } from '../../include/kobject.ts'
import {
  kobject_add,
  kobject_init,
  kobject_put,
  kobject_set_name,
  kset_create_and_add,
  kset_register,
  kset_unregister,
} from '../../lib/kobject.ts'
import { kobject_synth_uevent, kobject_uevent } from '../../lib/kobject-uevent.ts'
import { sysfs_streq } from '../../lib/string.ts'
import { mutex_lock, mutex_unlock } from '../../kernel/locking/locks.ts'
import { fileScope } from '../../machine/machine.ts'
import { WARN } from '../../kernel/panic.ts'
import { followPointer } from '../../c/pointer.ts'
import { pr_err } from '../../kernel/printk.ts'
import { kfree, kzalloc } from '../../mm/slab.ts'
import { container_of } from '../../c/struct.ts'
import {
  sysfs_create_file,
  sysfs_create_group,
  sysfs_create_link,
  sysfs_remove_file,
  sysfs_remove_group,
  sysfs_remove_link,
} from '../../fs/sysfs.ts'

const bus = fileScope(() => ({ bus_kset: null as kset | null }))

/** Models `buses_init` (drivers/base/bus.c): creates `/sys/bus`. */
export function buses_init(): void {
  bus().bus_kset = kset_create_and_add('bus', bus_uevent_ops, null)
}

/** Models `bus_release` (drivers/base/bus.c, v4.18): frees the private data, so that the bus counts as unregistered. */
function bus_release(kobj: kobject): void {
  const priv = container_of<subsys_private>(kobj)
  const type = followPointer(priv.bus)
  kfree(priv)
  type.p = null
}

const bus_ktype: kobj_type = { release: bus_release }

/** Models `bus_uevent_filter` (drivers/base/bus.c, v4.18): buses send uevents, other kobjects below them do not. */
function bus_uevent_filter(_kset: kset, kobj: kobject): boolean {
  return kobj.ktype === bus_ktype
}

const bus_uevent_ops: kset_uevent_ops = { filter: bus_uevent_filter }

/**
 * Models `bus_register` (drivers/base/bus.c, v4.18): creates `/sys/bus/<bus>` with its files and directories. If the
 * directory cannot be created, the bus's name leaks, as in the kernel.
 *
 * @returns 0; -ENOMEM; or the error from creating the directory or a file, such as -EEXIST
 */
export function bus_register(type: bus_type): number {
  const priv = kzalloc(subsys_private)
  if (priv === null) return -ENOMEM
  priv.bus = type
  type.p = priv
  const error = addDirectory(type, priv)
  if (error === 0) return 0
  // If the directory was created, `bus_release` has already freed the private data and set `type.p` to null.
  kfree(type.p)
  type.p = null
  return error
}

/** Creates `/sys/bus/<bus>` with all its content, or nothing. */
function addDirectory(type: bus_type, priv: subsys_private): number {
  const nameError = kobject_set_name(priv.kobj, '%s', type.name)
  if (nameError !== 0) return nameError
  priv.kobj.kset = bus().bus_kset
  const error = kset_register(priv, bus_ktype)
  if (error !== 0) return error
  const contentError = addContent(priv)
  if (contentError !== 0) kset_unregister(priv)
  return contentError
}

/** Creates the content of a bus's directory. On error, removes what it created. */
function addContent(priv: subsys_private): number {
  const { kobj } = priv
  const error = sysfs_create_file(kobj, 'uevent', null, (buf) => bus_attr_store(priv, bus_uevent_store, buf))
  if (error !== 0) return error
  priv.devices_kset = kset_create_and_add('devices', null, kobj)
  if (priv.devices_kset !== null) priv.drivers_kset = kset_create_and_add('drivers', null, kobj)
  const probeError = priv.drivers_kset === null ? -ENOMEM : add_probe_files(priv)
  if (probeError === 0) return 0
  kset_unregister(priv.drivers_kset)
  kset_unregister(priv.devices_kset)
  sysfs_remove_file(kobj, 'uevent')
  return probeError
}

/** Models `bus_attr_store` (drivers/base/bus.c, v4.18): a write to a bus attribute. */
function bus_attr_store(
  priv: subsys_private,
  store: (priv: subsys_private, buf: Uint8Array) => number,
  buf: Uint8Array,
): number {
  return store(priv, buf)
}

/** Models `drv_attr_store` (drivers/base/bus.c, v4.18): a write to a driver attribute. */
function drv_attr_store(
  drv: device_driver,
  store: (drv: device_driver, buf: Uint8Array) => number,
  buf: Uint8Array,
): number {
  return store(drv, buf)
}

/** Models `bus_uevent_store` (drivers/base/bus.c, v4.18). Accepts the whole write, even if no uevent can be sent. */
function bus_uevent_store({ kobj }: subsys_private, buf: Uint8Array): number {
  kobject_synth_uevent(kobj, buf)
  return buf.length
}

/** Models `add_probe_files` (drivers/base/bus.c, v4.18). Returns 0, or the error from creating a file. */
function add_probe_files(priv: subsys_private): number {
  const { kobj } = priv
  const error = sysfs_create_file(kobj, 'drivers_probe', null, (buf) =>
    bus_attr_store(priv, store_drivers_probe, buf),
  )
  if (error !== 0) return error
  const autoprobeError = sysfs_create_file(
    kobj,
    'drivers_autoprobe',
    () => (priv.drivers_autoprobe ? '1\n' : '0\n'),
    (buf) => {
      priv.drivers_autoprobe = fromBytes(buf.subarray(0, 1)) !== '0'
      return buf.length
    },
  )
  if (autoprobeError !== 0) sysfs_remove_file(kobj, 'drivers_probe')
  return autoprobeError
}

/**
 * Models `store_drivers_probe` (drivers/base/bus.c, v4.18): looks for a driver for the named device.
 *
 * @returns the number of bytes written, even if no driver was found; -ENODEV if there is no such device; -EINVAL if
 *   `device_attach` fails
 */
function store_drivers_probe(priv: subsys_private, buf: Uint8Array): number {
  const dev = bus_find_device_by_name(followPointer(priv.bus), null, fromBytes(buf))
  if (dev === null) return -ENODEV
  const error = dev.driver === null ? Math.min(device_attach(dev), 0) : 0
  put_device(dev)
  return error === 0 ? buf.length : -EINVAL
}

/**
 * Models `bus_add_device` (drivers/base/bus.c, v4.18): creates the files and links of the bus for the device and
 * appends the device to the bus's list. The list takes a reference on the device.
 *
 * @returns 0, also for a device without a bus; or the error from creating a file or link, with nothing added
 */
export function bus_add_device(dev: device): number {
  const { bus: type } = dev
  if (type === null) return 0
  const group = type.dev_groups.map(({ name, show }) => ({
    name,
    // `bind`, because an arrow function would get the name `show` and appear in call chains.
    show: dev_attr_show.bind(null, dev, show),
  }))
  let error = sysfs_create_group(dev.kobj, group)
  if (error !== 0) return error
  const priv = followPointer(type.p)
  error = addLinks(dev, priv)
  if (error === 0) priv.klist_devices.push(get_device(dev))
  else sysfs_remove_group(dev.kobj, group)
  return error
}

/**
 * Creates the link `/sys/bus/<bus>/devices/<device>`, and the link `subsystem` from the device to the bus. On error,
 * leaves no link.
 */
function addLinks(dev: device, { kobj, devices_kset }: subsys_private): number {
  const devices = followPointer(devices_kset).kobj
  const error = sysfs_create_link(devices, dev.kobj, dev_name(dev))
  if (error !== 0) return error
  const linkError = sysfs_create_link(dev.kobj, kobj, 'subsystem')
  if (linkError !== 0) sysfs_remove_link(devices, dev_name(dev))
  return linkError
}

/**
 * Models `bus_remove_device` (drivers/base/bus.c, v4.18): removes links and attributes, then drops the list's
 * reference, then unbinds the driver. Does nothing for a device without a bus.
 */
export function bus_remove_device(dev: device): void {
  const { bus: type } = dev
  if (type === null) return
  const { devices_kset, klist_devices } = followPointer(type.p)
  sysfs_remove_link(dev.kobj, 'subsystem')
  sysfs_remove_link(followPointer(devices_kset).kobj, dev_name(dev))
  sysfs_remove_group(dev.kobj, type.dev_groups)
  const index = klist_devices.indexOf(dev)
  if (index >= 0) {
    klist_devices.splice(index, 1)
    put_device(dev)
  }
  device_release_driver(dev)
}

/**
 * Models `bus_find_device` (drivers/base/bus.c, v4.18).
 *
 * @param start - the search begins after this device; null to begin with the first
 * @returns the first matching device after `start`, with a reference that the caller drops; null if no device matches
 *   or the bus is not registered
 */
export function bus_find_device(
  type: bus_type,
  start: device | null,
  match: (dev: device) => boolean,
): device | null {
  if (type.p === null) return null
  const { klist_devices } = type.p
  const first = start === null ? 0 : klist_devices.indexOf(start) + 1
  return get_device(klist_devices.slice(first).find(match) ?? null)
}

/**
 * Models `bus_find_device_by_name` (drivers/base/bus.c, v4.18). Takes a reference on the result. Ignores a trailing
 * newline in `name`.
 */
export function bus_find_device_by_name(type: bus_type, start: device | null, name: string): device | null {
  return bus_find_device(type, start, (dev) => sysfs_streq(name, dev_name(dev)))
}

/**
 * Models `driver_register` (drivers/base/driver.c, v4.18). Tries to bind the devices of the bus unless autoprobe is
 * off.
 *
 * @returns 0; -EINVAL if the bus is not registered; -EBUSY if the name is taken; -ENOMEM; or the error from creating
 *   the driver's directory
 */
export function driver_register(drv: device_driver): number {
  const type = drv.bus
  if (type.p === null) {
    pr_err(
      "Driver '%s' was unable to register with bus_type '%s' because the bus was not initialized.\n",
      drv.name,
      type.name,
    )
    return -EINVAL
  }
  if (type.p.klist_drivers.some((other) => other.name === drv.name)) {
    pr_err("Error: Driver '%s' is already registered, aborting...\n", drv.name)
    return -EBUSY
  }
  const error = bus_add_driver(drv, type.p)
  if (error === 0) kobject_uevent(followPointer(drv.p).kobj, 'add')
  return error
}

/** Models `driver_release` (drivers/base/bus.c, v4.18). */
function driver_release(kobj: kobject): void {
  kfree(container_of<driver_private>(kobj))
}

const driver_ktype: kobj_type = { release: driver_release }

/**
 * Models `bus_add_driver` (drivers/base/bus.c, v4.18). Errors after the device search are logged and ignored.
 *
 * @returns 0; -ENOMEM; or the error from creating the directory
 */
function bus_add_driver(drv: device_driver, subsys: subsys_private): number {
  const priv = kzalloc(driver_private)
  if (priv === null) return -ENOMEM
  drv.p = priv
  priv.kobj.kset = subsys.drivers_kset
  kobject_init(priv.kobj, driver_ktype)
  const error = kobject_add(priv.kobj, null, '%s', drv.name)
  if (error !== 0) {
    kobject_put(priv.kobj)
    drv.p = null
    return error
  }
  subsys.klist_drivers.push(drv)
  if (subsys.drivers_autoprobe) driver_attach(drv)
  const ueventError = sysfs_create_file(priv.kobj, 'uevent', null, (buf) =>
    drv_attr_store(drv, uevent_store, buf),
  )
  if (ueventError !== 0) pr_err('%s: uevent attr (%s) failed\n', 'bus_add_driver', drv.name)
  if (add_bind_files(drv, priv.kobj) !== 0)
    pr_err('%s: add_bind_files(%s) failed\n', 'bus_add_driver', drv.name)
  return 0
}

/**
 * Models `add_bind_files` (drivers/base/bus.c, v4.18): creates the files that take the name of a device to bind or
 * unbind. Returns 0, or the error from creating a file.
 */
function add_bind_files(drv: device_driver, directory: kobject): number {
  const error = sysfs_create_file(directory, 'unbind', null, (buf) => drv_attr_store(drv, unbind_store, buf))
  if (error !== 0) return error
  const bindError = sysfs_create_file(directory, 'bind', null, (buf) => drv_attr_store(drv, bind_store, buf))
  if (bindError !== 0) sysfs_remove_file(directory, 'unbind')
  return bindError
}

/**
 * Models `uevent_store` of a driver (drivers/base/bus.c, v4.18). Accepts the whole write, even if no uevent can be
 * sent.
 */
function uevent_store({ p }: device_driver, buf: Uint8Array): number {
  kobject_synth_uevent(followPointer(p).kobj, buf)
  return buf.length
}

/**
 * Models `unbind_store` (drivers/base/bus.c, v4.18). Returns the number of bytes written, or -ENODEV unless the device
 * is bound to this driver.
 */
function unbind_store(drv: device_driver, buf: Uint8Array): number {
  const dev = bus_find_device_by_name(drv.bus, null, fromBytes(buf))
  const isBound = dev?.driver === drv
  if (dev !== null && isBound) device_release_driver(dev)
  put_device(dev)
  return isBound ? buf.length : -ENODEV
}

/**
 * Models `bind_store` (drivers/base/bus.c, v4.18). Returns the number of bytes written. Returns -ENODEV if there is no
 * such device, if it is already bound or does not match, or if the probe fails, whatever the error of the probe.
 */
function bind_store(drv: device_driver, buf: Uint8Array): number {
  const dev = bus_find_device_by_name(drv.bus, null, fromBytes(buf))
  let err = -ENODEV
  if (dev !== null && dev.driver === null && driver_match_device(drv, dev)) {
    mutex_lock(dev.mutex)
    const bound = driver_probe_device(drv, dev)
    mutex_unlock(dev.mutex)
    if (bound > 0) err = buf.length
    else if (bound < 0) err = bound
  }
  put_device(dev)
  return err
}

/**
 * Models `driver_unregister` (drivers/base/driver.c, v4.18): removes the driver from the bus's list, then unbinds its
 * devices, the last bound first. Only warns if the driver was never registered.
 */
export function driver_unregister(drv: device_driver): void {
  const { p } = drv
  if (p === null) {
    WARN(true, 'drivers/base/driver.c:193', 'Unexpected driver unregister!\n')
    return
  }
  bus_remove_driver(drv, p)
}

/**
 * Models `bus_remove_driver` (drivers/base/bus.c, v4.18). Drops the initial reference on the driver's private data and
 * leaves `drv->p` dangling.
 */
function bus_remove_driver(drv: device_driver, { kobj }: driver_private): void {
  sysfs_remove_file(kobj, 'bind')
  sysfs_remove_file(kobj, 'unbind')
  sysfs_remove_file(kobj, 'uevent')
  const { klist_drivers } = followPointer(drv.bus.p)
  klist_drivers.splice(klist_drivers.indexOf(drv), 1)
  driver_detach(drv)
  kobject_put(kobj)
}
