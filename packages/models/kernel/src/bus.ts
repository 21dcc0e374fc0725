// SPDX-License-Identifier: GPL-2.0-only
import { fromBytes } from './bytes.ts'
import {
  device_release_driver,
  driver_attach,
  driver_detach,
  driver_match_device,
  driver_probe_device,
} from './dd.ts'
import { dev_name, get_device, put_device, type bus_type, type device, type device_driver } from './device.ts'
import { EBUSY, EINVAL, ENODEV } from './errno.ts'
import {
  kobject_create_and_add,
  kobject_put,
  kset_create_and_add,
  type kobject,
  type kset,
} from './kobject.ts'
import { mutex_lock, mutex_unlock } from './locks.ts'
import { fileScope } from './machine.ts'
import {
  blocking_notifier_chain_register,
  blocking_notifier_chain_unregister,
  type notifier_block,
} from './notifier.ts'
import { WARN } from './panic.ts'
import { pr_err } from './printk.ts'
import {
  sysfs_create_file,
  sysfs_create_group,
  sysfs_create_link,
  sysfs_remove_file,
  sysfs_remove_group,
  sysfs_remove_link,
} from './sysfs.ts'

const bus = fileScope(() => ({ bus_kset: null as kset | null }))

/** Models `buses_init` (drivers/base/bus.c): `/sys/bus`. */
export function buses_init(): void {
  bus().bus_kset = kset_create_and_add('bus', null)
}

/** Models `bus_register` (drivers/base/bus.c, v4.18): 0, or -EINVAL when its directories cannot be made. */
export function bus_register(type: bus_type): number {
  const directory = kobject_create_and_add(type.name, bus().bus_kset?.kobj ?? null)
  if (directory === null) return -EINVAL
  type.kobj = directory
  type.devices_kobj = kobject_create_and_add('devices', directory)
  type.drivers_kobj = kobject_create_and_add('drivers', directory)
  return 0
}

/**
 * Models `bus_add_device` (drivers/base/bus.c, v4.18): the bus's attributes, the links, and a place at the end of the
 * bus's list, which holds +1 on the device.
 */
export function bus_add_device(dev: device): number {
  const { bus: type } = dev
  if (type?.devices_kobj == null || type.kobj === null) return 0
  const group = type.dev_groups.map(({ name, show }) => ({
    name,
    show: function dev_attr_show() {
      return show(dev)
    },
  }))
  let error = sysfs_create_group(dev.kobj, group)
  if (error !== 0) return error
  error = sysfs_create_link(type.devices_kobj, dev.kobj, dev_name(dev))
  if (error === 0) {
    error = sysfs_create_link(dev.kobj, type.kobj, 'subsystem')
    if (error !== 0) sysfs_remove_link(type.devices_kobj, dev_name(dev))
  }
  if (error === 0) type.klist_devices.push(get_device(dev))
  else sysfs_remove_group(dev.kobj, group)
  return error
}

/**
 * Models `bus_remove_device` (drivers/base/bus.c, v4.18): links and attributes go, then the list's reference, then the
 * driver.
 */
export function bus_remove_device(dev: device): void {
  const { bus: type } = dev
  if (type === null) return
  sysfs_remove_link(dev.kobj, 'subsystem')
  if (type.devices_kobj !== null) sysfs_remove_link(type.devices_kobj, dev_name(dev))
  sysfs_remove_group(dev.kobj, type.dev_groups)
  const index = type.klist_devices.indexOf(dev)
  if (index >= 0) {
    type.klist_devices.splice(index, 1)
    put_device(dev)
  }
  device_release_driver(dev)
}

/**
 * Models `bus_find_device` (drivers/base/bus.c, v4.18).
 *
 * @returns the first device after `start` that matches, with +1 for the caller to put, or null
 */
export function bus_find_device(
  type: bus_type,
  start: device | null,
  match: (dev: device) => boolean,
): device | null {
  const first = start === null ? 0 : type.klist_devices.indexOf(start) + 1
  for (let i = first; i < type.klist_devices.length; i++) {
    const dev = type.klist_devices[i]
    if (dev !== undefined && match(dev)) return get_device(dev)
  }
  return null
}

/** Models `bus_find_device_by_name` (drivers/base/bus.c, v4.18): +1 on the result. */
export function bus_find_device_by_name(type: bus_type, start: device | null, name: string): device | null {
  return bus_find_device(type, start, (dev) => dev_name(dev) === name)
}

/** Models `bus_register_notifier` (drivers/base/bus.c, v4.18): `BUS_NOTIFY_*` with the device, from now on. Always 0. */
export function bus_register_notifier(type: bus_type, nb: notifier_block<device>): number {
  return blocking_notifier_chain_register(type.bus_notifier, nb)
}

/** Models `bus_unregister_notifier` (drivers/base/bus.c, v4.18): 0, or -ENOENT for a block that does not listen. */
export function bus_unregister_notifier(type: bus_type, nb: notifier_block<device>): number {
  return blocking_notifier_chain_unregister(type.bus_notifier, nb)
}

/**
 * Models `driver_register` (drivers/base/driver.c, v4.18). Binds what it can.
 *
 * @returns 0; -EINVAL for a bus that is not registered; -EBUSY for a name that is taken
 */
export function driver_register(drv: device_driver): number {
  const type = drv.bus
  if (type.kobj === null) {
    pr_err(
      "Driver '%s' was unable to register with bus_type '%s' because the bus was not initialized.\n",
      drv.name,
      type.name,
    )
    return -EINVAL
  }
  if (type.klist_drivers.some((other) => other.name === drv.name)) {
    pr_err("Error: Driver '%s' is already registered, aborting...\n", drv.name)
    return -EBUSY
  }
  return bus_add_driver(drv, type)
}

function bus_add_driver(drv: device_driver, type: bus_type): number {
  const directory = kobject_create_and_add(drv.name, type.drivers_kobj)
  if (directory === null) return -EINVAL
  drv.kobj = directory
  type.klist_drivers.push(drv)
  driver_attach(drv)
  add_bind_files(drv, directory)
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
  const { kobj } = drv
  if (kobj === null) {
    WARN(true, 'drivers/base/driver.c:180', 'Unexpected driver unregister!\n')
    return
  }
  bus_remove_driver(drv, kobj)
}

/** Models `bus_remove_driver` (drivers/base/bus.c, v4.18). */
function bus_remove_driver(drv: device_driver, kobj: kobject): void {
  sysfs_remove_file(kobj, 'bind')
  sysfs_remove_file(kobj, 'unbind')
  const drivers = drv.bus.klist_drivers
  drivers.splice(drivers.indexOf(drv), 1)
  driver_detach(drv)
  kobject_put(kobj)
  drv.kobj = null
}
