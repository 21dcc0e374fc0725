// SPDX-License-Identifier: GPL-2.0-only
import { fromBytes } from '../../c/bytes.ts'
import {
  device_release_driver,
  driver_attach,
  driver_detach,
  driver_match_device,
  driver_probe_device,
} from './dd.ts'
import {
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
import {
  kobject_add,
  kobject_init,
  kobject_put,
  kobject_set_name,
  kset_create_and_add,
  kset_unregister,
  type kobj_type,
  type kobject,
  type kset,
} from '../../lib/kobject.ts'
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

/** Models `buses_init` (drivers/base/bus.c): `/sys/bus`. */
export function buses_init(): void {
  bus().bus_kset = kset_create_and_add('bus', null)
}

const bus_ktype: kobj_type = {
  release: function bus_release(kobj) {
    kfree(container_of<subsys_private>(kobj))
  },
}

/**
 * Models `bus_register` (drivers/base/bus.c, v4.18). A name for which no directory can be made is not freed, as in the kernel.
 *
 * @returns 0; -ENOMEM; or the error of the directory, such as -EEXIST
 */
export function bus_register(type: bus_type): number {
  const priv = kzalloc(subsys_private)
  if (priv === null) return -ENOMEM
  const error = addDirectory(type, priv)
  if (error !== 0) {
    kfree(priv)
    return error
  }
  priv.devices_kset = kset_create_and_add('devices', priv.kobj)
  if (priv.devices_kset !== null) priv.drivers_kset = kset_create_and_add('drivers', priv.kobj)
  if (priv.drivers_kset === null) {
    kset_unregister(priv.devices_kset)
    kobject_put(priv.kobj)
    return -ENOMEM
  }
  type.p = priv
  return 0
}

/** `/sys/bus/<bus>`. */
function addDirectory({ name }: bus_type, { kobj }: subsys_private): number {
  const error = kobject_set_name(kobj, '%s', name)
  if (error !== 0) return error
  kobj.kset = bus().bus_kset
  kobject_init(kobj, bus_ktype)
  return kobject_add(kobj, null, null)
}

/**
 * Models `bus_add_device` (drivers/base/bus.c, v4.18): the bus's attributes, the links, and a place at the end of the
 * bus's list, which holds +1 on the device.
 */
export function bus_add_device(dev: device): number {
  const { bus: type } = dev
  if (type === null) return 0
  const group = type.dev_groups.map(({ name, show }) => ({
    name,
    show: function dev_attr_show() {
      return show(dev)
    },
  }))
  let error = sysfs_create_group(dev.kobj, group)
  if (error !== 0) return error
  const priv = followPointer(type.p)
  error = addLinks(dev, priv)
  if (error === 0) priv.klist_devices.push(get_device(dev))
  else sysfs_remove_group(dev.kobj, group)
  return error
}

/** `/sys/bus/<bus>/devices/<device>`, and the link from there back to the bus. */
function addLinks(dev: device, { kobj, devices_kset }: subsys_private): number {
  const devices = followPointer(devices_kset).kobj
  const error = sysfs_create_link(devices, dev.kobj, dev_name(dev))
  if (error !== 0) return error
  const linkError = sysfs_create_link(dev.kobj, kobj, 'subsystem')
  if (linkError !== 0) sysfs_remove_link(devices, dev_name(dev))
  return linkError
}

/**
 * Models `bus_remove_device` (drivers/base/bus.c, v4.18): links and attributes go, then the list's reference, then the
 * driver.
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
 * @returns the first device after `start` that matches, with +1 for the caller to put; null if there is none, or if the bus is not
 *   registered
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

/** Models `bus_find_device_by_name` (drivers/base/bus.c, v4.18): +1 on the result. */
export function bus_find_device_by_name(type: bus_type, start: device | null, name: string): device | null {
  return bus_find_device(type, start, (dev) => dev_name(dev) === name)
}

/**
 * Models `driver_register` (drivers/base/driver.c, v4.18). Binds what it can.
 *
 * @returns 0; -EINVAL for a bus that is not registered; -EBUSY for a name that is taken; -ENOMEM; or the error of its
 *   directory
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
  return bus_add_driver(drv, type.p)
}

const driver_ktype: kobj_type = {
  release: function driver_release(kobj) {
    kfree(container_of<driver_private>(kobj))
  },
}

/** Models `bus_add_driver` (drivers/base/bus.c, v4.18). */
function bus_add_driver(drv: device_driver, { drivers_kset, klist_drivers }: subsys_private): number {
  const priv = kzalloc(driver_private)
  if (priv === null) return -ENOMEM
  priv.kobj.kset = drivers_kset
  kobject_init(priv.kobj, driver_ktype)
  const error = kobject_add(priv.kobj, null, '%s', drv.name)
  if (error !== 0) {
    kobject_put(priv.kobj)
    return error
  }
  drv.p = priv
  klist_drivers.push(drv)
  driver_attach(drv)
  add_bind_files(drv, priv.kobj)
  return 0
}

/** Models `add_bind_files` (drivers/base/bus.c, v4.18): files that take the name of a device. */
function add_bind_files(drv: device_driver, directory: kobject): void {
  sysfs_create_file(directory, 'unbind', null, function unbind_store(data) {
    return onDevice(drv, data, (dev) => {
      if (dev.driver !== drv) return false
      device_release_driver(dev)
      return true
    })
  })
  sysfs_create_file(directory, 'bind', null, function bind_store(data) {
    return onDevice(drv, data, (dev) => {
      if (dev.driver !== null || !driver_match_device(drv, dev)) return false
      mutex_lock(dev.mutex)
      const error = driver_probe_device(drv, dev)
      mutex_unlock(dev.mutex)
      return error === 0
    })
  })
}

/** What a write to `bind` or `unbind` returns: all bytes taken, or -ENODEV. A newline behind the name is no part of it. */
function onDevice(drv: device_driver, data: Uint8Array, act: (dev: device) => boolean): number {
  const dev = bus_find_device_by_name(drv.bus, null, fromBytes(data).replace(/\n$/, ''))
  const done = dev !== null && act(dev)
  put_device(dev)
  return done ? data.length : -ENODEV
}

/**
 * Models `driver_unregister` (drivers/base/driver.c, v4.18): leaves the bus's list, then unbinds its devices, the last
 * bound first.
 */
export function driver_unregister(drv: device_driver): void {
  const { p } = drv
  if (p === null) {
    WARN(true, 'drivers/base/driver.c:180', 'Unexpected driver unregister!\n')
    return
  }
  bus_remove_driver(drv, p)
}

/** Models `bus_remove_driver` (drivers/base/bus.c, v4.18). */
function bus_remove_driver(drv: device_driver, { kobj }: driver_private): void {
  sysfs_remove_file(kobj, 'bind')
  sysfs_remove_file(kobj, 'unbind')
  const { klist_drivers } = followPointer(drv.bus.p)
  klist_drivers.splice(klist_drivers.indexOf(drv), 1)
  driver_detach(drv)
  kobject_put(kobj)
  drv.p = null
}
