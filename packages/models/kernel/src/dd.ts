// SPDX-License-Identifier: GPL-2.0-only
import {
  dev_name,
  dev_set_drvdata,
  get_device,
  kobject_uevent,
  put_device,
  type device,
  type device_driver,
} from './device.ts'
import { devres_release_all } from './devres.ts'
import { ENODEV, ENXIO, EPROBE_DEFER } from './errno.ts'
import { kobjectId } from './kobject.ts'
import { mutex_lock, mutex_unlock } from './locks.ts'
import { emitEvent, fileScope } from './machine.ts'
import { blocking_notifier_call_chain } from './notifier.ts'
import { pr_warn } from './printk.ts'
import { sysfs_create_link, sysfs_remove_link } from './sysfs.ts'
import { schedule_work, work_struct } from './workqueue.ts'

/** What a bus tells about its devices: one came (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_ADD_DEVICE = 0x00000001
/** A device is about to go (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_DEL_DEVICE = 0x00000002
/** A device is gone (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_REMOVED_DEVICE = 0x00000003
/** A driver was bound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_BOUND_DRIVER = 0x00000005
/** A driver is about to be unbound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_UNBIND_DRIVER = 0x00000006
/** A driver was unbound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_UNBOUND_DRIVER = 0x00000007
/** A driver failed to bind (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_DRIVER_NOT_BOUND = 0x00000008

/** Tells whoever listens to the bus of a device; nothing happens without a bus, or when nobody listens. */
export function notifyBus(dev: device, action: number): void {
  if (dev.bus !== null) blocking_notifier_call_chain(dev.bus.bus_notifier, action, dev)
}

/** Devices whose driver asked to be probed later: those that wait, and those that are to be tried again. */
const deferred = fileScope(() => ({
  pending: [] as device[],
  active: [] as device[],
  deferred_probe_work: new work_struct(deferred_probe_work_func, 'deferred_probe_work'),
}))

/** Models `driver_deferred_probe_add` (drivers/base/dd.c, v4.18). */
function driver_deferred_probe_add(dev: device): void {
  const { pending } = deferred()
  if (!pending.includes(dev)) pending.push(dev)
}

/** Models `driver_deferred_probe_del` (drivers/base/dd.c, v4.18): the device is not tried again. */
export function driver_deferred_probe_del(dev: device): void {
  for (const list of [deferred().pending, deferred().active]) {
    const index = list.indexOf(dev)
    if (index >= 0) list.splice(index, 1)
  }
}

/**
 * Models `driver_deferred_probe_trigger` (drivers/base/dd.c, v4.18): some driver was bound, so those that waited may find
 * now what they need. A worker tries them.
 */
function driver_deferred_probe_trigger(): void {
  const { pending, active, deferred_probe_work } = deferred()
  if (pending.length === 0) return
  active.push(...pending.splice(0))
  schedule_work(deferred_probe_work)
}

/** Models `deferred_probe_work_func` (drivers/base/dd.c, v4.18): tries each device again, in order. */
function deferred_probe_work_func(): void {
  const { active } = deferred()
  for (let dev = active.shift(); dev !== undefined; dev = active.shift()) {
    get_device(dev)
    bus_probe_device(dev)
    put_device(dev)
  }
}

/** Models `bus_probe_device` (drivers/base/bus.c, v4.18): looks for a driver. */
export function bus_probe_device(dev: device): void {
  if (dev.bus !== null) device_attach(dev)
}

/** Models `device_attach` (drivers/base/dd.c, v4.18): tries the bus's drivers in order of registration. */
export function device_attach(dev: device): void {
  mutex_lock(dev.mutex)
  for (const drv of dev.bus?.klist_drivers ?? []) {
    if (dev.driver !== null) break
    if (driver_match_device(drv, dev) && driver_probe_device(drv, dev) === 0) break
  }
  mutex_unlock(dev.mutex)
}

/**
 * Models `driver_attach` (drivers/base/dd.c, v4.18): tries the bus's devices in list order; a device that has a driver
 * is left alone.
 */
export function driver_attach(drv: device_driver): void {
  for (const dev of [...drv.bus.klist_devices]) __driver_attach(drv, dev)
}

function __driver_attach(drv: device_driver, dev: device): void {
  if (!driver_match_device(drv, dev)) return
  mutex_lock(dev.mutex)
  if (dev.driver === null) driver_probe_device(drv, dev)
  mutex_unlock(dev.mutex)
}

/** Models `driver_match_device` (drivers/base/base.h, v4.18): a bus without `match` takes any driver for any device. */
export function driver_match_device(drv: device_driver, dev: device): boolean {
  return drv.bus.match?.(dev, drv) ?? true
}

/** Models `driver_probe_device` (drivers/base/dd.c, v4.18), the device's lock held: 0 when bound, else the error. */
export function driver_probe_device(drv: device_driver, dev: device): number {
  return really_probe(dev, drv)
}

/**
 * Models `really_probe` (drivers/base/dd.c, v4.18): 0 when bound, else the error with everything taken back. After
 * -EPROBE_DEFER the device is tried again once some driver was bound.
 */
function really_probe(dev: device, drv: device_driver): number {
  dev.driver = drv
  driver_sysfs_add(dev, drv)
  const error = dev.bus?.probe?.(dev) ?? 0
  if (error === 0) {
    driver_bound(dev, drv)
    return 0
  }
  notifyBus(dev, BUS_NOTIFY_DRIVER_NOT_BOUND)
  devres_release_all(dev)
  driver_sysfs_remove(dev, drv)
  dev.driver = null
  dev_set_drvdata(dev, null)
  emitEvent('driver.probe-failed', {
    object: kobjectId(dev.kobj),
    device: dev_name(dev),
    driver: drv.name,
    error,
  })
  if (error === -EPROBE_DEFER) {
    driver_deferred_probe_add(dev)
  } else if (error !== -ENODEV && error !== -ENXIO) {
    pr_warn('%s: probe of %s failed with error %d\n', drv.name, dev_name(dev), error)
  }
  return error
}

function driver_sysfs_add(dev: device, drv: device_driver): void {
  if (drv.kobj === null) return
  sysfs_create_link(drv.kobj, dev.kobj, dev_name(dev))
  sysfs_create_link(dev.kobj, drv.kobj, 'driver')
}

function driver_sysfs_remove(dev: device, drv: device_driver): void {
  if (drv.kobj === null) return
  sysfs_remove_link(drv.kobj, dev_name(dev))
  sysfs_remove_link(dev.kobj, 'driver')
}

function driver_bound(dev: device, drv: device_driver): void {
  drv.klist_devices.push(dev)
  driver_deferred_probe_del(dev)
  driver_deferred_probe_trigger()
  emitEvent('driver.bind', { object: kobjectId(dev.kobj), device: dev_name(dev), driver: drv.name })
  notifyBus(dev, BUS_NOTIFY_BOUND_DRIVER)
  kobject_uevent(dev, 'bind')
}

/** Models `device_release_driver` (drivers/base/dd.c, v4.18): unbinds under the device lock. */
export function device_release_driver(dev: device): void {
  device_release_driver_internal(dev)
}

function device_release_driver_internal(dev: device): void {
  mutex_lock(dev.mutex)
  __device_release_driver(dev)
  mutex_unlock(dev.mutex)
}

function __device_release_driver(dev: device): void {
  const drv = dev.driver
  if (drv === null) return
  driver_sysfs_remove(dev, drv)
  notifyBus(dev, BUS_NOTIFY_UNBIND_DRIVER)
  dev.bus?.remove?.(dev)
  devres_release_all(dev)
  dev.driver = null
  dev_set_drvdata(dev, null)
  const index = drv.klist_devices.indexOf(dev)
  if (index >= 0) drv.klist_devices.splice(index, 1)
  emitEvent('driver.unbind', { object: kobjectId(dev.kobj), device: dev_name(dev), driver: drv.name })
  notifyBus(dev, BUS_NOTIFY_UNBOUND_DRIVER)
  kobject_uevent(dev, 'unbind')
}

/** Models `driver_detach` (drivers/base/dd.c, v4.18): unbinds every device of a driver, the last bound first. */
export function driver_detach(drv: device_driver): void {
  for (let dev = drv.klist_devices.at(-1); dev !== undefined; dev = drv.klist_devices.at(-1)) {
    get_device(dev)
    device_release_driver_internal(dev)
    put_device(dev)
  }
}
