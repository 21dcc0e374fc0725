// SPDX-License-Identifier: GPL-2.0-only
import {
  dev_name,
  dev_set_drvdata,
  device_is_registered,
  get_device,
  kobject_uevent,
  put_device,
  type device,
  type device_driver,
} from './device.ts'
import {
  BUS_NOTIFY_BIND_DRIVER,
  BUS_NOTIFY_BOUND_DRIVER,
  BUS_NOTIFY_DRIVER_NOT_BOUND,
  BUS_NOTIFY_UNBIND_DRIVER,
  BUS_NOTIFY_UNBOUND_DRIVER,
  notifyBus,
} from './bus-notifier.ts'
import { devres_release_all } from './devres.ts'
import { ENODEV, ENXIO, EPROBE_DEFER } from '../../include/errno.ts'
import { kobjectId } from '../../lib/kobject.ts'
import { mutex_lock, mutex_unlock } from '../../kernel/locking/locks.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'
import { followPointer } from '../../c/pointer.ts'
import { pr_warn } from '../../kernel/printk.ts'
import { sysfs_create_link, sysfs_remove_link } from '../../fs/sysfs.ts'
import { flush_work, schedule_work, work_struct } from '../../kernel/workqueue.ts'

/** Devices whose driver asked to be probed later: those that wait, and those that are to be tried again. */
const deferred = fileScope(() => ({
  pending: [] as device[],
  active: [] as device[],
  /** Until the late initcalls nothing is tried again: drivers are still being registered. */
  driver_deferred_probe_enable: false,
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
  const { driver_deferred_probe_enable, pending, active, deferred_probe_work } = deferred()
  if (!driver_deferred_probe_enable || pending.length === 0) return
  active.push(...pending.splice(0))
  schedule_work(deferred_probe_work)
}

/**
 * Models `deferred_probe_initcall` (drivers/base/dd.c, v4.18), a late initcall: what waited during the boot is tried again
 * now, whether or not any driver was bound, before the boot goes on.
 */
export function deferred_probe_initcall(): number {
  deferred().driver_deferred_probe_enable = true
  driver_deferred_probe_trigger()
  flush_work(deferred().deferred_probe_work)
  return 0
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
  for (const drv of dev.bus?.p?.klist_drivers ?? []) {
    if (dev.driver !== null) break
    if (driver_match_device(drv, dev) && driver_probe_device(drv, dev) === 0) break
  }
  mutex_unlock(dev.mutex)
}

/**
 * Models `driver_attach` (drivers/base/dd.c, v4.18): tries the bus's devices in list order; a device that has a driver
 * is left alone. The one that is tried is held meanwhile, as the iterator of the list does; those that left are passed over.
 */
export function driver_attach(drv: device_driver): void {
  const devices = drv.bus.p?.klist_devices ?? []
  // Devices that come meanwhile are tried as they are added; those that go must not make it miss one.
  for (const dev of [...devices]) {
    if (!devices.includes(dev)) continue
    get_device(dev)
    __driver_attach(drv, dev)
    put_device(dev)
  }
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

/**
 * Models `driver_probe_device` (drivers/base/dd.c, v4.18), the device's lock held.
 *
 * @returns 0 when bound; -ENODEV for a device that left in the meantime; else the error of the probe
 */
export function driver_probe_device(drv: device_driver, dev: device): number {
  return device_is_registered(dev) ? really_probe(dev, drv) : -ENODEV
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
  notifyBus(dev, BUS_NOTIFY_BIND_DRIVER)
  const { kobj } = followPointer(drv.p)
  sysfs_create_link(kobj, dev.kobj, dev_name(dev))
  sysfs_create_link(dev.kobj, kobj, 'driver')
}

function driver_sysfs_remove(dev: device, drv: device_driver): void {
  const { kobj } = followPointer(drv.p)
  sysfs_remove_link(kobj, dev_name(dev))
  sysfs_remove_link(dev.kobj, 'driver')
}

function driver_bound(dev: device, drv: device_driver): void {
  followPointer(drv.p).klist_devices.push(dev)
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
  const { klist_devices } = followPointer(drv.p)
  const index = klist_devices.indexOf(dev)
  if (index >= 0) klist_devices.splice(index, 1)
  emitEvent('driver.unbind', { object: kobjectId(dev.kobj), device: dev_name(dev), driver: drv.name })
  notifyBus(dev, BUS_NOTIFY_UNBOUND_DRIVER)
  kobject_uevent(dev, 'unbind')
}

/** Models `driver_detach` (drivers/base/dd.c, v4.18): unbinds every device of a driver, the last bound first. */
export function driver_detach(drv: device_driver): void {
  const { klist_devices } = followPointer(drv.p)
  for (let dev = klist_devices.at(-1); dev !== undefined; dev = klist_devices.at(-1)) {
    get_device(dev)
    device_release_driver_internal(dev)
    put_device(dev)
  }
}
