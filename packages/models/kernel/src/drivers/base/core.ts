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
  dev_name,
  dev_warn,
  get_device,
  kobject_uevent,
  put_device,
  uevent_show,
  type device,
} from './device.ts'
import { devres_release_all } from './devres.ts'
import { EINVAL } from '../../include/errno.ts'
import {
  kobject_add,
  kobject_create_and_add,
  kobject_del,
  kobject_init,
  kobjectId,
  kset_create_and_add,
  type kobj_type,
  type kobject,
  type kset,
} from '../../lib/kobject.ts'
import { emitEvent, fileScope } from '../../machine/machine.ts'
import { WARN } from '../../kernel/panic.ts'
import { container_of } from '../../c/struct.ts'
import { sysfs_create_file, sysfs_create_link, sysfs_remove_file } from '../../fs/sysfs.ts'

const core = fileScope(() => ({ devices_kset: null as kset | null, kernel_kobj: null as kobject | null }))

/** Models `devices_init` (drivers/base/core.c): `/sys/devices`. */
export function devices_init(): void {
  core().devices_kset = kset_create_and_add('devices', null)
}

/** Models `ksysfs_init` (kernel/ksysfs.c): `/sys/kernel`. */
export function ksysfs_init(): void {
  core().kernel_kobj = kobject_create_and_add('kernel', null)
}

/** `kernel_kobj`: the parent of what subsystems show below `/sys/kernel`. */
export function kernelKobject(): kobject | null {
  return core().kernel_kobj
}

const device_ktype: kobj_type = {
  release: device_release,
  removeEvent: (kobj) => kobject_uevent(container_of<device>(kobj), 'remove'),
}

/** Models `device_release` (drivers/base/core.c, v4.18): gives back what is managed, then calls the device's own release. */
function device_release(kobj: kobject): void {
  const dev = container_of<device>(kobj)
  devres_release_all(dev)
  const { release } = dev
  emitEvent('device.release', { object: kobjectId(kobj), name: dev_name(dev) })
  if (release !== null) {
    release(dev)
    return
  }
  WARN(
    true,
    'drivers/base/core.c:915',
    "Device '%s' does not have a release() function, it is broken and must be fixed.\n",
    dev.kobj.name,
  )
}

/** Models `device_initialize` (drivers/base/core.c, v4.18): one reference, the caller's. */
export function device_initialize(dev: device): void {
  dev.kobj.kset = core().devices_kset
  kobject_init(dev.kobj, device_ktype)
  dev.numa_node = -1
}

/**
 * Models `device_register` (drivers/base/core.c, v4.18). On failure the initial reference is still the caller's, to be
 * dropped with `put_device`.
 */
export function device_register(dev: device): number {
  device_initialize(dev)
  return device_add(dev)
}

/** Models `device_add` (drivers/base/core.c, v4.18), in its order; errors are undone in reverse. */
export function device_add(dev: device): number {
  get_device(dev)
  if (dev.kobj.name === null) {
    put_device(dev)
    return -EINVAL
  }
  const parent = get_device(dev.parent)
  if (parent !== null) dev.kobj.parent = parent.kobj
  let error = kobject_add(dev.kobj, dev.kobj.parent, null)
  if (error !== 0) return undoAdd(dev, parent, error)
  sysfs_create_file(dev.kobj, 'uevent', function dev_attr_show() {
    return uevent_show(dev)
  })
  device_add_class_symlinks(dev)
  error = bus_add_device(dev)
  if (error !== 0) {
    sysfs_remove_file(dev.kobj, 'uevent')
    kobject_uevent(dev, 'remove')
    kobject_del(dev.kobj)
    return undoAdd(dev, parent, error)
  }
  emitEvent('device.register', { object: kobjectId(dev.kobj), name: dev_name(dev) })
  notifyBus(dev, BUS_NOTIFY_ADD_DEVICE)
  kobject_uevent(dev, 'add')
  bus_probe_device(dev)
  if (parent !== null) get_device(dev)
  put_device(dev)
  return 0
}

function undoAdd(dev: device, parent: device | null, error: number): number {
  put_device(parent)
  put_device(dev)
  return error
}

function device_add_class_symlinks(dev: device): void {
  const { of_node } = dev
  if (of_node === null) return
  const error = sysfs_create_link(dev.kobj, of_node.kobj, 'of_node')
  if (error !== 0) dev_warn(dev, 'Error %d creating of_node link\n', error)
}

/**
 * Models `device_del` (drivers/base/core.c, v4.18): leaves its lists, is unbound, leaves sysfs. The initial reference
 * stays.
 */
export function device_del(dev: device): void {
  const { parent } = dev
  notifyBus(dev, BUS_NOTIFY_DEL_DEVICE)
  if (parent !== null) put_device(dev)
  sysfs_remove_file(dev.kobj, 'uevent')
  bus_remove_device(dev)
  driver_deferred_probe_del(dev)
  notifyBus(dev, BUS_NOTIFY_REMOVED_DEVICE)
  kobject_uevent(dev, 'remove')
  emitEvent('device.unregister', { object: kobjectId(dev.kobj), name: dev_name(dev) })
  kobject_del(dev.kobj)
  put_device(parent)
}

/** Models `device_unregister` (drivers/base/core.c, v4.18): `device_del` and the drop of the initial reference. */
export function device_unregister(dev: device): void {
  device_del(dev)
  put_device(dev)
}
