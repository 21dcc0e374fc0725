// SPDX-License-Identifier: GPL-2.0-only
import { bus_add_device, bus_remove_device } from './bus.ts'
import {
  BUS_NOTIFY_ADD_DEVICE,
  BUS_NOTIFY_DEL_DEVICE,
  BUS_NOTIFY_REMOVED_DEVICE,
  notifyBus,
} from './bus-notifier.ts'
import { bus_probe_device, driver_deferred_probe_del } from './dd.ts'
import {
  dev_attr_show,
  dev_attr_store,
  dev_err,
  dev_name,
  dev_warn,
  device_private,
  get_device,
  put_device,
  type device,
} from './device.ts'
import { devres_release_all } from './devres.ts'
import { EINVAL, ENOMEM } from '../../include/errno.ts'
import {
  kobj_uevent_env,
  kobjectId,
  type kobj_type,
  type kobject,
  type kset,
  type kset_uevent_ops,
} from '../../include/kobject.ts'
import {
  kobject_add,
  kobject_create_and_add,
  kobject_del,
  kobject_init,
  kset_create_and_add,
} from '../../lib/kobject.ts'
import { add_uevent_var, kobject_synth_uevent, kobject_uevent } from '../../lib/kobject-uevent.ts'
import { kfree, kzalloc } from '../../mm/slab.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'
import { WARN } from '../../kernel/panic.ts'
import { container_of } from '../../c/struct.ts'
import { sysfs_create_file, sysfs_create_link, sysfs_remove_file, sysfs_remove_link } from '../../fs/sysfs.ts'

const core = fileScope(() => ({ devices_kset: null as kset | null, kernel_kobj: null as kobject | null }))

/** Models `devices_init` (drivers/base/core.c): creates `/sys/devices`. */
export function devices_init(): void {
  core().devices_kset = kset_create_and_add('devices', device_uevent_ops, null)
}

/** Models `ksysfs_init` (kernel/ksysfs.c): creates `/sys/kernel`. */
export function ksysfs_init(): void {
  core().kernel_kobj = kobject_create_and_add('kernel', null)
}

/**
 * Returns `kernel_kobj`, the parent of the directories that subsystems create in `/sys/kernel`. Null if `/sys/kernel`
 * was not created.
 */
export function kernelKobject(): kobject | null {
  return core().kernel_kobj
}

const uevents = fileScope(() => ({
  /** Set by the OF core. `dev_uevent` calls it for a device with a node (drivers/of/device.c). */
  of_device_uevent: null as ((dev: device, env: kobj_uevent_env) => void) | null,
}))

/** Sets the function of the OF core that `dev_uevent` calls. The driver core does not import the OF package. */
export function setOfDeviceUevent(of_device_uevent: (dev: device, env: kobj_uevent_env) => void): void {
  uevents().of_device_uevent = of_device_uevent
}

const device_ktype: kobj_type = { release: device_release }

/** Models `dev_uevent_filter` (drivers/base/core.c, v4.18): only devices with a bus send uevents. */
function dev_uevent_filter(_kset: kset, kobj: kobject): boolean {
  return kobj.ktype === device_ktype && container_of<device>(kobj).bus !== null
}

/** Models `dev_uevent_name` (drivers/base/core.c, v4.18): the SUBSYSTEM of a device is the name of its bus. */
function dev_uevent_name(_kset: kset, kobj: kobject): string | null {
  return container_of<device>(kobj).bus?.name ?? null
}

/**
 * Models `dev_uevent` (drivers/base/core.c, v4.18): adds DRIVER if the device is bound, the variables of its node, and
 * those of its bus. Returns the result of the bus's `uevent`, or 0 if the bus has no such function.
 */
function dev_uevent(_kset: kset, kobj: kobject, env: kobj_uevent_env): number {
  const dev = container_of<device>(kobj)
  if (dev.driver !== null) add_uevent_var(env, 'DRIVER=%s', dev.driver.name)
  const { of_device_uevent } = uevents()
  if (dev.of_node !== null) of_device_uevent?.(dev, env)
  return dev.bus?.uevent?.(dev, env) ?? 0
}

/** `device_uevent_ops` (drivers/base/core.c, v4.18). */
const device_uevent_ops: kset_uevent_ops = {
  filter: dev_uevent_filter,
  name: dev_uevent_name,
  uevent: dev_uevent,
}

/**
 * Models `uevent_show` (drivers/base/core.c, v4.18): shows the variables that the kset and the bus add, one per line.
 * Shows nothing if the device sends no uevents or the bus refuses. Returns -ENOMEM if memory is short.
 */
function uevent_show(dev: device): string | number {
  let top_kobj: kobject = dev.kobj
  while (top_kobj.kset === null && top_kobj.parent !== null) top_kobj = top_kobj.parent
  const { kset } = top_kobj
  const ops = kset?.uevent_ops ?? null
  if (kset === null || ops?.uevent === undefined || ops.filter?.(kset, dev.kobj) === false) return ''
  const env = kzalloc(kobj_uevent_env)
  if (env === null) return -ENOMEM
  const retval = ops.uevent(kset, dev.kobj, env)
  const shown = retval === 0 ? env.envp.map((variable) => `${variable}\n`).join('') : ''
  kfree(env)
  return shown
}

/**
 * Models `uevent_store` (drivers/base/core.c, v4.18): always accepts the whole write. If the uevent cannot be sent,
 * only the console shows the error.
 */
function uevent_store(dev: device, buf: Uint8Array): number {
  const error = kobject_synth_uevent(dev.kobj, buf)
  if (error !== 0) dev_err(dev, 'uevent: failed to send synthetic uevent\n')
  return buf.length
}

/**
 * Models `device_release` (drivers/base/core.c, v4.18): releases managed resources, calls the device's own release, or
 * warns if the device has none, and frees the driver core's private data.
 */
function device_release(kobj: kobject): void {
  const dev = container_of<device>(kobj)
  devres_release_all(dev)
  const { release, p } = dev
  emitEvent('device.release', { object: kobjectId(kobj), name: dev_name(dev) })
  WARN(
    release === null,
    'drivers/base/core.c:852',
    "Device '%s' does not have a release() function, it is broken and must be fixed.\n",
    dev.kobj.name,
  )
  release?.(dev)
  kfree(p)
}

/** Models `device_initialize` (drivers/base/core.c, v4.18). The caller owns the initial reference. */
export function device_initialize(dev: device): void {
  dev.kobj.kset = core().devices_kset
  kobject_init(dev.kobj, device_ktype)
  dev.numa_node = -1
}

/**
 * Models `device_register` (drivers/base/core.c, v4.18): `device_initialize`, then `device_add`, whose result is
 * returned. On error, the caller still owns the initial reference and drops it with `put_device`.
 */
export function device_register(dev: device): number {
  device_initialize(dev)
  return device_add(dev)
}

/**
 * Models `device_add` (drivers/base/core.c, v4.18), step by step. On error, undoes the steps in reverse order.
 *
 * References: the device takes two references on its parent, one of them for its directory. The list of its bus and the
 * list of its parent each take a reference on the device. `device_del` drops all of them.
 *
 * @returns 0; -EINVAL without a name; -ENOMEM; or the error from creating a directory, file or link
 */
export function device_add(dev: device): number {
  get_device(dev)
  const error = (dev.p === null ? device_private_init(dev) : 0) || addNamed(dev)
  put_device(dev)
  return error
}

/** Models `device_private_init` (drivers/base/core.c, v4.18). Returns 0 or -ENOMEM. */
function device_private_init(dev: device): number {
  dev.p = kzalloc(device_private)
  return dev.p === null ? -ENOMEM : 0
}

function addNamed(dev: device): number {
  const parent = dev.kobj.name === null ? null : get_device(dev.parent)
  if (parent !== null) dev.kobj.parent = parent.kobj
  const error = dev.kobj.name === null ? -EINVAL : addFiles(dev)
  if (error === 0) {
    announceDevice(dev)
    if (parent !== null) get_device(dev)
    return 0
  }
  put_device(parent)
  kfree(dev.p)
  dev.p = null
  return error
}

/** Creates a device's directory with all its content, or nothing. */
function addFiles(dev: device): number {
  const error = kobject_add(dev.kobj, dev.kobj.parent, null)
  if (error !== 0) return error
  const fileError = sysfs_create_file(
    dev.kobj,
    'uevent',
    () => dev_attr_show(dev, uevent_show),
    (buf) => dev_attr_store(dev, uevent_store, buf),
  )
  if (fileError !== 0) return undoDirectory(dev, fileError)
  device_add_class_symlinks(dev)
  const busError = bus_add_device(dev)
  if (busError === 0) return 0
  device_remove_class_symlinks(dev)
  sysfs_remove_file(dev.kobj, 'uevent')
  return undoDirectory(dev, busError)
}

function undoDirectory(dev: device, error: number): number {
  kobject_uevent(dev.kobj, 'remove')
  kobject_del(dev.kobj)
  return error
}

/** Announces a registered device and looks for its driver. */
function announceDevice(dev: device): void {
  emitEvent('device.register', { object: kobjectId(dev.kobj), name: dev_name(dev) })
  notifyBus(dev, BUS_NOTIFY_ADD_DEVICE)
  kobject_uevent(dev.kobj, 'add')
  bus_probe_device(dev)
}

/**
 * Models `device_add_class_symlinks` (drivers/base/core.c, v4.18) for a device without a class: links the device to its
 * node. If this fails, only the console shows the error.
 */
function device_add_class_symlinks(dev: device): void {
  const { of_node } = dev
  if (of_node === null) return
  const error = sysfs_create_link(dev.kobj, of_node.kobj, 'of_node')
  if (error !== 0) dev_warn(dev, 'Error %d creating of_node link\n', error)
}

/** Models `device_remove_class_symlinks` (drivers/base/core.c, v4.18) for a device without a class. */
function device_remove_class_symlinks(dev: device): void {
  if (dev.of_node !== null) sysfs_remove_link(dev.kobj, 'of_node')
}

/**
 * Models `device_del` (drivers/base/core.c, v4.18): removes the device from its lists, unbinds it and removes it from
 * sysfs. The caller still owns the initial reference.
 */
export function device_del(dev: device): void {
  const { parent } = dev
  notifyBus(dev, BUS_NOTIFY_DEL_DEVICE)
  if (parent !== null) put_device(dev)
  sysfs_remove_file(dev.kobj, 'uevent')
  bus_remove_device(dev)
  driver_deferred_probe_del(dev)
  notifyBus(dev, BUS_NOTIFY_REMOVED_DEVICE)
  kobject_uevent(dev.kobj, 'remove')
  emitEvent('device.unregister', { object: kobjectId(dev.kobj), name: dev_name(dev) })
  kobject_del(dev.kobj)
  put_device(parent)
}

/** Models `device_unregister` (drivers/base/core.c, v4.18): `device_del`, then drops the initial reference. */
export function device_unregister(dev: device): void {
  device_del(dev)
  put_device(dev)
}
