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

/** `struct devres` (drivers/base/devres.c, v4.18): a managed resource, released when the device is unbound. */
export class devres extends struct {
  /** Called to release the resource. */
  release: ((dev: device) => void) | null = null
}

/**
 * `struct device_private` (drivers/base/base.h, v4.18): the driver core's private data of a device. The models keep its
 * lists elsewhere.
 */
export class device_private extends struct {}

/** `struct device` (include/linux/device.h), embedded in the bus's own device struct. */
export class device extends embedded {
  /** Null until the device is added. */
  p: device_private | null = null
  readonly kobj: kobject = embed(this, new kobject())
  parent: device | null = null
  bus: bus_type | null = null
  driver: device_driver | null = null
  of_node: device_node | null = null
  /** Called when the last reference is dropped. Null makes the kernel warn then. */
  release: ((dev: device) => void) | null = null
  driver_data: unknown = null
  /** Managed resources in order of allocation. They are released when the device is unbound. */
  readonly devres_head: devres[] = []
  numa_node = -1
  /** Lockdep does not check device locks: the locks of parents and children are in one class. */
  readonly mutex: mutex = new mutex('&dev->mutex', { novalidate: true })
}

/**
 * `struct device_attribute` (include/linux/device.h, v4.18): a file that the bus adds to the directory of each device.
 */
export interface device_attribute {
  readonly name: string
  /** Returns the content of the file, or a negative errno. */
  readonly show: (dev: device) => string | number
}

/** `struct subsys_private` (drivers/base/base.h, v4.18): the driver core's private data of a registered bus. */
export class subsys_private extends kset {
  /** The bus that owns this data. */
  bus: bus_type | null = null
  devices_kset: kset | null = null
  drivers_kset: kset | null = null
  /** Devices in order of registration. The list holds a reference on each. */
  readonly klist_devices: device[] = []
  readonly klist_drivers: device_driver[] = []
  drivers_autoprobe = true
  /** Callbacks for `BUS_NOTIFY_*` events about the bus's devices. */
  readonly bus_notifier: blocking_notifier_head<device> = new blocking_notifier_head<device>(
    'bus_notifier',
    '&(&priv->bus_notifier)->rwsem',
  )
}

/** `struct bus_type` (include/linux/device.h, v4.18). */
export class bus_type {
  readonly name: string
  dev_groups: readonly device_attribute[] = []
  /** Returns whether the driver can drive the device. */
  match: ((dev: device, drv: device_driver) => boolean) | null = null
  /** Adds variables to the device's uevent. A negative errno suppresses the uevent. */
  uevent: ((dev: device, env: kobj_uevent_env) => number) | null = null
  /** Binds a device. Called instead of the driver's probe. Returns 0, or a negative errno. */
  probe: ((dev: device) => number) | null = null
  /** Unbinds a device. Called instead of the driver's remove. The result is ignored. */
  remove: ((dev: device) => number) | null = null
  /** Null unless the bus is registered. */
  p: subsys_private | null = null

  constructor(name: string) {
    this.name = name
  }
}

/** `struct driver_private` (drivers/base/base.h, v4.18): the driver core's private data of a registered driver. */
export class driver_private extends struct {
  /** The driver's directory, `/sys/bus/<bus>/drivers/<driver>`. */
  readonly kobj: kobject = embed(this, new kobject())
  /** Devices bound to the driver, in order of binding. */
  readonly klist_devices: device[] = []
}

/** `struct device_driver` (include/linux/device.h, v4.18). */
export class device_driver extends embedded {
  readonly name: string
  readonly bus: bus_type
  /** Null until the driver is registered; dangling once it is unregistered. */
  p: driver_private | null = null

  constructor(name: string, bus: bus_type) {
    super()
    this.name = name
    this.bus = bus
  }
}

/** Models `dev_name` (include/linux/device.h, v4.18). Returns an empty string for a device without a name. */
export function dev_name(dev: device): string {
  return dev.kobj.name === null ? '' : text(dev.kobj.name)
}

/** Models `dev_set_name` (drivers/base/core.c, v4.18). Returns 0, or -ENOMEM without a change. */
export function dev_set_name(dev: device, fmt: string, ...args: readonly FormatArgument[]): number {
  return kobject_set_name(dev.kobj, fmt, ...args)
}

/** Models `device_is_registered` (include/linux/device.h, v4.18): true if the device is in sysfs. */
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

/**
 * Models `dev_attr_show` (drivers/base/core.c, v4.18): a read of a device attribute. Returns content, or a negative
 * errno.
 */
export function dev_attr_show(dev: device, show: device_attribute['show']): string | number {
  return show(dev)
}

/**
 * Models `dev_attr_store` (drivers/base/core.c, v4.18): a write to a device attribute. Returns the number of bytes
 * accepted, or a negative errno.
 */
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

/** Models `put_device` (drivers/base/core.c, v4.18): -1, NULL-safe. Dropping the last reference releases the device. */
export function put_device(dev: device | null): void {
  if (dev !== null) kobject_put(dev.kobj)
}

function devicePrefix(dev: device): string {
  return `${dev.driver?.name ?? dev.bus?.name ?? ''} ${dev_name(dev)}: `
}

/**
 * Models `dev_err` (include/linux/device.h, v4.18): prints a message prefixed with the names of the driver and the
 * device, or of the bus and the device if no driver is bound.
 */
export function dev_err(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_err('%s' + fmt, devicePrefix(dev), ...args)
}
/** Models `dev_warn` (include/linux/device.h, v4.18): prints like `dev_err`, at the log level of warnings. */
export function dev_warn(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_warn('%s' + fmt, devicePrefix(dev), ...args)
}
/** Models `dev_info` (include/linux/device.h, v4.18): prints like `dev_err`, at the log level of information. */
export function dev_info(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_info('%s' + fmt, devicePrefix(dev), ...args)
}
/**
 * Models `dev_crit` (include/linux/device.h, v4.18): prints like `dev_err`, at the log level of critical conditions.
 */
export function dev_crit(dev: device, fmt: string, ...args: readonly FormatArgument[]): void {
  pr_crit('%s' + fmt, devicePrefix(dev), ...args)
}
