// SPDX-License-Identifier: GPL-2.0-only
import { text } from '../../c/bytes.ts'
import { kobject, kset, type kobj_uevent_env } from '../../include/kobject.ts'
import { kobject_get, kobject_put, kobject_set_name } from '../../lib/kobject.ts'
import { mutex } from '../../kernel/locking/locks.ts'
import { blocking_notifier_head } from '../../kernel/notifier.ts'
import type { device_node } from '../../include/of-node.ts'
import { pr_crit, pr_err, pr_info, pr_warn } from '../../kernel/printk.ts'
import { embed, embedded, struct } from '../../c/struct.ts'
import type { FormatArgument } from '../../lib/vsprintf.ts'

/** `struct devres` (drivers/base/devres.c, v4.18): something that is given back when a driver leaves its device. */
export class devres extends struct {
  /** Called when the driver leaves. */
  release: ((dev: device) => void) | null = null
}

/**
 * `struct device_private` (drivers/base/base.h, v4.18): memory of the driver core for a device; its lists are kept
 * elsewhere.
 */
export class device_private extends struct {}

/** `struct device` (include/linux/device.h), embedded in the bus's own kind of device. */
export class device extends embedded {
  /** Null before it was added. */
  p: device_private | null = null
  readonly kobj: kobject = embed(this, new kobject())
  parent: device | null = null
  bus: bus_type | null = null
  driver: device_driver | null = null
  of_node: device_node | null = null
  /** Called when the last reference is gone. */
  release: ((dev: device) => void) | null = null
  driver_data: unknown = null
  /** What is given back when the driver leaves, in the order in which it was taken. */
  readonly devres_head: devres[] = []
  numa_node = -1
  /** Device locks are not checked by lockdep: parents and children are of one class. */
  readonly mutex: mutex = new mutex('&dev->mutex', { novalidate: true })
}

/**
 * `struct device_attribute` (include/linux/device.h, v4.18): a file that a bus gives each of its devices; content, or a
 * negative errno.
 */
export interface device_attribute {
  readonly name: string
  /** What a read of the file gives; a negative errno is an error. */
  readonly show: (dev: device) => string | number
}

/** `struct subsys_private` (drivers/base/base.h, v4.18): what the driver core keeps of a bus that is registered. */
export class subsys_private extends kset {
  /** Whose it is. */
  bus: bus_type | null = null
  devices_kset: kset | null = null
  drivers_kset: kset | null = null
  /** Devices in order of registration; the list holds a reference on each. */
  readonly klist_devices: device[] = []
  readonly klist_drivers: device_driver[] = []
  drivers_autoprobe = true
  /** Told about its devices: `BUS_NOTIFY_*`. */
  readonly bus_notifier: blocking_notifier_head<device> = new blocking_notifier_head<device>(
    'bus_notifier',
    '&(&priv->bus_notifier)->rwsem',
  )
}

/** `struct bus_type` (include/linux/device.h, v4.18). */
export class bus_type {
  readonly name: string
  dev_groups: readonly device_attribute[] = []
  /** Whether a driver may drive a device. */
  match: ((dev: device, drv: device_driver) => boolean) | null = null
  /** Adds variables to the uevent of a device; returns a negative errno to refuse. */
  uevent: ((dev: device, env: kobj_uevent_env) => number) | null = null
  /** Called in place of the driver to bind a device. */
  probe: ((dev: device) => number) | null = null
  /** Called in place of the driver to unbind a device. */
  remove: ((dev: device) => number) | null = null
  /** Null unless it is registered. */
  p: subsys_private | null = null

  constructor(name: string) {
    this.name = name
  }
}

/** `struct driver_private` (drivers/base/base.h, v4.18): what the driver core keeps of a driver that is registered. */
export class driver_private extends struct {
  /** Its directory below `/sys/bus/<bus>/drivers`. */
  readonly kobj: kobject = embed(this, new kobject())
  /** Devices bound to it, in order of binding. */
  readonly klist_devices: device[] = []
}

/** `struct device_driver` (include/linux/device.h, v4.18). */
export class device_driver extends embedded {
  readonly name: string
  readonly bus: bus_type
  /** Null unless it is registered. */
  p: driver_private | null = null

  constructor(name: string, bus: bus_type) {
    super()
    this.name = name
    this.bus = bus
  }
}

/** Models `dev_name` (include/linux/device.h, v4.18). */
export function dev_name(dev: device): string {
  return dev.kobj.name === null ? '' : text(dev.kobj.name)
}

/** Models `dev_set_name` (drivers/base/core.c, v4.18). */
export function dev_set_name(dev: device, fmt: string, ...args: readonly FormatArgument[]): number {
  return kobject_set_name(dev.kobj, fmt, ...args)
}

/** Models `device_is_registered` (include/linux/device.h, v4.18): whether it is in sysfs. */
export function device_is_registered(dev: device): boolean {
  return dev.kobj.state_in_sysfs
}

/** Models `dev_set_drvdata` (include/linux/device.h, v4.18). */
export function dev_set_drvdata(dev: device, data: unknown): void {
  dev.driver_data = data
}

/** Models `dev_get_drvdata` (include/linux/device.h, v4.18). */
export function dev_get_drvdata(dev: device): unknown {
  return dev.driver_data
}

/** Models `dev_attr_show` (drivers/base/core.c, v4.18): a read of an attribute of a device; content, or a negative errno. */
export function dev_attr_show(dev: device, show: device_attribute['show']): string | number {
  return show(dev)
}

/** Models `dev_attr_store` (drivers/base/core.c, v4.18): a write to an attribute of a device. */
export function dev_attr_store(
  dev: device,
  store: (dev: device, buf: Uint8Array) => number,
  buf: Uint8Array,
): number {
  return store(dev, buf)
}

/** Models `get_device` (drivers/base/core.c): +1, NULL-safe. */
export function get_device<T extends device | null>(dev: T): T {
  if (dev !== null) kobject_get(dev.kobj)
  return dev
}

/** Models `put_device` (drivers/base/core.c, v4.18): -1, NULL-safe; the last one releases. */
export function put_device(dev: device | null): void {
  if (dev !== null) kobject_put(dev.kobj)
}

function devicePrefix(dev: device): string {
  return `${dev.driver?.name ?? dev.bus?.name ?? ''} ${dev_name(dev)}: `
}

/**
 * Models `dev_err` and its kin (include/linux/device.h, v4.18): the text behind the driver's (else the bus's) name and
 * the device's.
 */
export function dev_err(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_err('%s' + fmt, devicePrefix(dev), ...args)
}
/** Models `dev_warn` (include/linux/device.h, v4.18), as `dev_err` with its own level. */
export function dev_warn(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_warn('%s' + fmt, devicePrefix(dev), ...args)
}
/** Models `dev_info` (include/linux/device.h, v4.18), as `dev_err` with its own level. */
export function dev_info(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_info('%s' + fmt, devicePrefix(dev), ...args)
}
/** Models `dev_crit` (include/linux/device.h, v4.18), as `dev_err` with its own level. */
export function dev_crit(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_crit('%s' + fmt, devicePrefix(dev), ...args)
}
