// SPDX-License-Identifier: GPL-2.0-only
import {
  dev_name,
  dev_set_drvdata,
  device_is_registered,
  get_device,
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
import { EBUSY, ENODEV, ENXIO, EPROBE_DEFER } from '../../include/errno.ts'
import { kobjectId } from '../../include/kobject.ts'
import { kobject_uevent } from '../../lib/kobject-uevent.ts'
import { mutex, mutex_lock, mutex_unlock } from '../../kernel/locking/locks.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'
import { followPointer } from '../../c/pointer.ts'
import { WARN_ON } from '../../kernel/panic.ts'
import { pr_err, pr_warn } from '../../kernel/printk.ts'
import { sysfs_create_link, sysfs_remove_link } from '../../fs/sysfs.ts'
import { flush_work, schedule_work, work_struct } from '../../kernel/workqueue.ts'

/** Devices whose driver deferred the probe: `pending` devices wait, `active` devices are due for a retry. */
const deferred = fileScope(() => ({
  deferred_probe_mutex: new mutex('deferred_probe_mutex', { fleeting: true }),
  pending: [] as device[],
  active: [] as device[],
  /**
   * Number of times that `driver_deferred_probe_trigger` made pending devices due for a retry, even if none was
   * pending. A change during a probe means that a driver was bound meanwhile.
   */
  deferred_trigger_count: 0,
  /** False until the late initcalls: no retries while drivers are still being registered. */
  driver_deferred_probe_enable: false,
  deferred_probe_work: new work_struct(deferred_probe_work_func, 'deferred_probe_work'),
}))

/**
 * Models `driver_deferred_probe_add` (drivers/base/dd.c, v4.18): makes the device pending unless it is already listed.
 */
function driver_deferred_probe_add(dev: device): void {
  const { deferred_probe_mutex, pending, active } = deferred()
  mutex_lock(deferred_probe_mutex)
  if (!pending.includes(dev) && !active.includes(dev)) pending.push(dev)
  mutex_unlock(deferred_probe_mutex)
}

/** Models `driver_deferred_probe_del` (drivers/base/dd.c, v4.18): the probe of the device is not retried. */
export function driver_deferred_probe_del(dev: device): void {
  const { deferred_probe_mutex, pending, active } = deferred()
  mutex_lock(deferred_probe_mutex)
  for (const list of [pending, active]) {
    const index = list.indexOf(dev)
    if (index >= 0) list.splice(index, 1)
  }
  mutex_unlock(deferred_probe_mutex)
}

/**
 * Models `driver_deferred_probe_trigger` (drivers/base/dd.c, v4.18). A driver was bound, so pending devices may now
 * find what they need: a worker retries them. Does nothing before the late initcalls. The kernel queues the work even
 * if no device is due. The models do not, because such work does nothing.
 */
function driver_deferred_probe_trigger(): void {
  const state = deferred()
  if (!state.driver_deferred_probe_enable) return
  mutex_lock(state.deferred_probe_mutex)
  state.deferred_trigger_count++
  state.active.push(...state.pending.splice(0))
  mutex_unlock(state.deferred_probe_mutex)
  if (state.active.length > 0) schedule_work(state.deferred_probe_work)
}

/**
 * Models `driver_deferred_probe_add_trigger` (drivers/base/dd.c, v4.18): adds a device to the pending ones, and retries
 * it immediately if a driver was bound during the probe.
 *
 * @param local_trigger_count - `deferred_trigger_count` before the probe
 */
function driver_deferred_probe_add_trigger(dev: device, local_trigger_count: number): void {
  driver_deferred_probe_add(dev)
  if (local_trigger_count !== deferred().deferred_trigger_count) driver_deferred_probe_trigger()
}

/**
 * Models `deferred_probe_initcall` (drivers/base/dd.c, v4.18), a late initcall: retries the devices that were deferred
 * during boot, even if no driver was bound since, and waits for the retries before the boot continues.
 */
export function deferred_probe_initcall(): number {
  deferred().driver_deferred_probe_enable = true
  driver_deferred_probe_trigger()
  flush_work(deferred().deferred_probe_work)
  return 0
}

/**
 * Models `deferred_probe_work_func` (drivers/base/dd.c, v4.18): looks again for a driver for each active device, in
 * order. Holds a reference on the device meanwhile, because the mutex is released.
 */
function deferred_probe_work_func(): void {
  const { active, deferred_probe_mutex } = deferred()
  mutex_lock(deferred_probe_mutex)
  for (let dev = active.shift(); dev !== undefined; dev = active.shift()) {
    get_device(dev)
    mutex_unlock(deferred_probe_mutex)
    bus_probe_device(dev)
    mutex_lock(deferred_probe_mutex)
    put_device(dev)
  }
  mutex_unlock(deferred_probe_mutex)
}

/** Models `bus_probe_device` (drivers/base/bus.c, v4.18): looks for a driver unless the bus's autoprobe is off. */
export function bus_probe_device(dev: device): void {
  if (dev.bus?.p?.drivers_autoprobe === true) device_attach(dev)
}

/**
 * Models `device_attach` (drivers/base/dd.c, v4.18), and `device_initial_probe`, which does the same when no driver
 * probes asynchronously: tries the bus's drivers in order of registration.
 *
 * @returns 1 if the device is bound now; 0 if no driver took it; -ENODEV if it was unregistered meanwhile
 */
export function device_attach(dev: device): number {
  mutex_lock(dev.mutex)
  const result = dev.driver === null ? tryDrivers(dev) : 1
  mutex_unlock(dev.mutex)
  return result
}

/** Tries all drivers of the device's bus. Returns the first result that is not 0; 0 if there is none. */
function tryDrivers(dev: device): number {
  for (const drv of [...(dev.bus?.p?.klist_drivers ?? [])]) {
    const result = __device_attach_driver(drv, dev)
    if (result !== 0) return result
  }
  return 0
}

/**
 * Models `__device_attach_driver` (drivers/base/dd.c, v4.18). Returns the result of the probe, 0 if the driver does not
 * match, or -EBUSY if the device is already bound.
 */
function __device_attach_driver(drv: device_driver, dev: device): number {
  if (dev.driver !== null) return -EBUSY
  return driver_match_device(drv, dev) ? driver_probe_device(drv, dev) : 0
}

/**
 * Models `driver_attach` (drivers/base/dd.c, v4.18): tries the bus's devices in list order. Skips devices that are
 * already bound and devices that were unregistered meanwhile. Takes no reference, as in the kernel, where the list's
 * reference on a device remains while the iterator is at that device.
 */
export function driver_attach(drv: device_driver): void {
  const devices = drv.bus.p?.klist_devices ?? []
  // The loop runs over a copy, because a removal from the list would make it skip a device. It need not see devices
  // that are added meanwhile: `device_add` looks for their driver.
  for (const dev of [...devices]) {
    if (devices.includes(dev)) __driver_attach(drv, dev)
  }
}

/** Models `__driver_attach` (drivers/base/dd.c, v4.18): probes the device if it matches the driver and is not bound. */
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
 * Models `driver_probe_device` (drivers/base/dd.c, v4.18). The caller holds the device lock.
 *
 * @returns 1 if the device is bound now; 0 if the probe failed; -ENODEV if the device was unregistered meanwhile
 */
export function driver_probe_device(drv: device_driver, dev: device): number {
  return device_is_registered(dev) ? really_probe(dev, drv) : -ENODEV
}

/**
 * Models `really_probe` (drivers/base/dd.c, v4.18). On error, undoes everything. After -EPROBE_DEFER, the probe is
 * retried once some driver has been bound.
 *
 * @returns 1 if the device is bound now; 0 if the probe failed with any error, so that the next driver is tried
 */
function really_probe(dev: device, drv: device_driver): number {
  const local_trigger_count = deferred().deferred_trigger_count
  WARN_ON(dev.devres_head.length > 0, 'drivers/base/dd.c:411')
  dev.driver = drv
  let error = 0
  if (driver_sysfs_add(dev, drv) !== 0) {
    pr_err('%s: driver_sysfs_add(%s) failed\n', 'really_probe', dev_name(dev))
  } else {
    error = dev.bus?.probe?.(dev) ?? 0
    if (error === 0) {
      driver_bound(dev, drv)
      return 1
    }
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
    driver_deferred_probe_add_trigger(dev, local_trigger_count)
  } else if (error !== -ENODEV && error !== -ENXIO) {
    pr_warn('%s: probe of %s failed with error %d\n', drv.name, dev_name(dev), error)
  }
  return 0
}

/**
 * Models `driver_sysfs_add` (drivers/base/dd.c, v4.18): announces the binding to the bus's notifiers and links driver
 * and device to each other. On error, leaves no link. Returns 0, or the error from creating a link.
 */
function driver_sysfs_add(dev: device, drv: device_driver): number {
  notifyBus(dev, BUS_NOTIFY_BIND_DRIVER)
  const { kobj } = followPointer(drv.p)
  const error = sysfs_create_link(kobj, dev.kobj, dev_name(dev))
  if (error !== 0) return error
  const driverError = sysfs_create_link(dev.kobj, kobj, 'driver')
  if (driverError !== 0) sysfs_remove_link(kobj, dev_name(dev))
  return driverError
}

/** Models `driver_sysfs_remove` (drivers/base/dd.c, v4.18): removes both links of `driver_sysfs_add`. */
function driver_sysfs_remove(dev: device, drv: device_driver): void {
  const { kobj } = followPointer(drv.p)
  sysfs_remove_link(kobj, dev_name(dev))
  sysfs_remove_link(dev.kobj, 'driver')
}

/**
 * Models `driver_bound` (drivers/base/dd.c, v4.18), the end of a successful probe: triggers a retry of pending devices.
 */
function driver_bound(dev: device, drv: device_driver): void {
  followPointer(drv.p).klist_devices.push(dev)
  driver_deferred_probe_del(dev)
  driver_deferred_probe_trigger()
  emitEvent('driver.bind', { object: kobjectId(dev.kobj), device: dev_name(dev), driver: drv.name })
  notifyBus(dev, BUS_NOTIFY_BOUND_DRIVER)
  kobject_uevent(dev.kobj, 'bind')
}

/** Models `device_release_driver` (drivers/base/dd.c, v4.18): unbinds under the device lock. */
export function device_release_driver(dev: device): void {
  device_release_driver_internal(dev)
}

/** Models `device_release_driver_internal` (drivers/base/dd.c, v4.18) for a bus that needs no lock of the parent. */
function device_release_driver_internal(dev: device): void {
  mutex_lock(dev.mutex)
  __device_release_driver(dev)
  mutex_unlock(dev.mutex)
}

/**
 * Models `__device_release_driver` (drivers/base/dd.c, v4.18). The caller holds the device lock. Does nothing if the
 * device is not bound.
 */
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
  kobject_uevent(dev.kobj, 'unbind')
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
