// SPDX-License-Identifier: GPL-2.0-only
import { text } from '../../c/bytes.ts'
import {
  kobject,
  kobject_get,
  kobject_put,
  kobject_set_name,
  kobjectId,
  type kset,
} from '../../lib/kobject.ts'
import { mutex } from '../../kernel/locking/locks.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'
import { blocking_notifier_head } from '../../kernel/notifier.ts'
import type { device_node } from '../../include/of-node.ts'
import { pr_crit, pr_err, pr_info, pr_warn } from '../../kernel/printk.ts'
import { embed, embedded, struct } from '../../c/struct.ts'
import { vsnprintf, type FormatArgument } from '../../lib/vsprintf.ts'

/** `struct devres` (drivers/base/devres.c, v4.18): something that is given back when a driver leaves its device. */
export class devres extends struct {
  /** Called when the driver leaves. */
  release: ((dev: device) => void) | null = null
}

/** `struct device` (include/linux/device.h), embedded in the bus's own kind of device. */
export class device extends embedded {
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
export class subsys_private extends struct {
  /** `subsys.kobj` in C: its directory, `/sys/bus/<bus>`. */
  readonly kobj: kobject = embed(this, new kobject())
  devices_kset: kset | null = null
  drivers_kset: kset | null = null
  /** Devices in order of registration; the list holds a reference on each. */
  readonly klist_devices: device[] = []
  readonly klist_drivers: device_driver[] = []
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

/** `struct kobj_uevent_env` (include/linux/kobject.h, v4.18): variables of a uevent, in order. */
export class kobj_uevent_env {
  readonly envp: string[] = []
}

/** Models `add_uevent_var` (lib/kobject_uevent.c). */
export function add_uevent_var(
  env: kobj_uevent_env,
  fmt: string,
  ...args: readonly FormatArgument[]
): number {
  env.envp.push(vsnprintf(fmt, args))
  return 0
}

const uevents = fileScope(() => ({
  /** Set by the OF core: what `dev_uevent` calls for a device with a node (drivers/of/device.c). */
  of_device_uevent: null as ((dev: device, env: kobj_uevent_env) => void) | null,
}))

/** The call that `dev_uevent` makes into the OF core; the driver core does not know that package. */
export function setOfDeviceUevent(of_device_uevent: (dev: device, env: kobj_uevent_env) => void): void {
  uevents().of_device_uevent = of_device_uevent
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

/** Models `get_device` (drivers/base/core.c): +1, NULL-safe. */
export function get_device<T extends device | null>(dev: T): T {
  if (dev !== null) kobject_get(dev.kobj)
  return dev
}

/** Models `put_device` (drivers/base/core.c, v4.18): -1, NULL-safe; the last one releases. */
export function put_device(dev: device | null): void {
  if (dev !== null) kobject_put(dev.kobj)
}

/** Models `dev_uevent` (drivers/base/core.c, v4.18): the variables, or a negative errno from the bus. */
function dev_uevent(dev: device, env: kobj_uevent_env): number {
  if (dev.driver !== null) add_uevent_var(env, 'DRIVER=%s', dev.driver.name)
  const { of_device_uevent } = uevents()
  if (dev.of_node !== null) of_device_uevent?.(dev, env)
  return dev.bus?.uevent?.(dev, env) ?? 0
}

/** Models `dev_uevent_filter` (drivers/base/core.c, v4.18): a device that is on no bus sends no events. */
function dev_uevent_filter(dev: device): boolean {
  return dev.bus !== null
}

/**
 * Models `kobject_uevent` (lib/kobject_uevent.c, v4.18): built whether or not somebody listens. One that the bus refuses
 * was not sent: a refused "remove" is still owed, and `kobject_cleanup` tries it once more.
 */
export function kobject_uevent(dev: device, action: 'add' | 'remove' | 'bind' | 'unbind'): void {
  if (!dev_uevent_filter(dev) || dev_uevent(dev, new kobj_uevent_env()) !== 0) return
  if (action === 'add') dev.kobj.state_add_uevent_sent = true
  if (action === 'remove') dev.kobj.state_remove_uevent_sent = true
  emitEvent('uevent', { object: kobjectId(dev.kobj), action, device: dev_name(dev) })
}

/** Models `uevent_show` (drivers/base/core.c, v4.18): the variables, one a line; empty when the bus refuses. */
export function uevent_show(dev: device): string {
  const env = new kobj_uevent_env()
  if (!dev_uevent_filter(dev) || dev_uevent(dev, env) !== 0) return ''
  return env.envp.map((variable) => `${variable}\n`).join('')
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
