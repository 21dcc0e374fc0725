// SPDX-License-Identifier: GPL-2.0-only
import {
  add_uevent_var,
  bus_type,
  device_driver,
  driver_register,
  driver_unregister,
  embed,
  ENODEV,
  fileScope,
  followPointer,
  get_device,
  put_device,
  strlen,
  strncmp,
  type device,
  type kobj_uevent_env,
} from '@pfo-workbench/kernel'
import { of_device_is_compatible, of_get_property } from '@pfo-workbench/of'
import { clearCmo, firmwareHasCmo, vio_cmo_bus_probe } from './cmo.ts'
import { to_vio_dev, to_vio_driver, type vio_dev, type vio_device_id, type vio_driver } from './types.ts'

/** Variables of the bus. */
export interface VioState {
  readonly vio_bus_type: bus_type
  /** The parent of all devices on the bus, `/sys/devices/vio`; also a device on the bus. Null before `vio_bus_init`. */
  vio_bus_device: vio_dev | null
}

/** File-scope variables of arch/powerpc/platforms/pseries/vio.c, one set per booted machine. */
export const vioState: () => VioState = fileScope(() => {
  const vio_bus_type = new bus_type('vio')
  vio_bus_type.match = vio_bus_match
  vio_bus_type.uevent = vio_hotplug
  vio_bus_type.probe = vio_bus_probe
  vio_bus_type.remove = vio_bus_remove
  return { vio_bus_type, vio_bus_device: null }
})

/**
 * Models `vio_match_device` (arch/powerpc/platforms/pseries/vio.c, v4.18): the first entry whose type is a prefix of
 * `dev->type` and whose compat is in the node's "compatible", ignoring case. Null if no entry matches, or if the device
 * has no node. Reads the current values, even of a detached node. Takes no reference.
 */
export function vio_match_device(ids: readonly vio_device_id[], dev: vio_dev): vio_device_id | null {
  for (const id of ids) {
    // An entry with an empty type ends the table.
    if (id.type === '') return null
    if (strncmp(followPointer(dev.type), id.type, strlen(id.type)) !== 0) continue
    if (of_device_is_compatible(dev.dev.of_node, id.compat) !== 0) return id
  }
  return null
}

/**
 * Models `vio_bus_match` (arch/powerpc/platforms/pseries/vio.c, v4.18): true if a driver matches a device. A driver
 * without a table matches no device.
 */
export function vio_bus_match(dev: device, drv: device_driver): boolean {
  const vio_dev = to_vio_dev(dev)
  const { id_table } = to_vio_driver(drv)
  return id_table !== null && vio_match_device(id_table, vio_dev) !== null
}

/**
 * Models `vio_bus_probe` (arch/powerpc/platforms/pseries/vio.c, v4.18). The caller holds the device's lock. Takes no
 * reference.
 *
 * @returns the result of the driver's probe, or -ENODEV if the driver has no probe function or does not match
 */
export function vio_bus_probe(dev: device): number {
  const viodev = to_vio_dev(dev)
  const { id_table, probe } = to_vio_driver(followPointer(dev.driver))
  if (probe === null) return -ENODEV
  const id = vio_match_device(followPointer(id_table), viodev)
  if (id === null) return -ENODEV
  clearCmo(viodev)
  if (firmwareHasCmo()) {
    const cmoError = vio_cmo_bus_probe(viodev)
    if (cmoError !== 0) return cmoError
  }
  // C calls `vio_cmo_bus_remove` after an error. That call would have nothing to undo: see `vio_cmo_bus_probe`.
  return probe(viodev, id)
}

/**
 * Models `vio_bus_remove` (arch/powerpc/platforms/pseries/vio.c, v4.18): calls the driver's remove. Holds a reference
 * on the device during this call.
 *
 * @returns the result of the driver's remove, or 1 if the driver has no remove function; the driver core ignores the
 * result
 */
export function vio_bus_remove(dev: device): number {
  const viodev = to_vio_dev(dev)
  const { remove } = to_vio_driver(followPointer(dev.driver))
  // C takes this reference for the CMO accounting after the driver's remove. That accounting is not modelled.
  const devptr = get_device(dev)
  const ret = remove === null ? 1 : remove(viodev)
  put_device(devptr)
  return ret
}

/**
 * Models `vio_hotplug` (arch/powerpc/platforms/pseries/vio.c, v4.18): adds MODALIAS.
 *
 * @returns 0; -ENODEV, which suppresses the event, if the device has no node or the node has no "compatible"
 */
export function vio_hotplug(dev: device, env: kobj_uevent_env): number {
  const vio_dev = to_vio_dev(dev)
  const dn = dev.of_node
  if (dn === null) return -ENODEV
  const cp = of_get_property(dn, 'compatible')
  if (cp === null) return -ENODEV
  add_uevent_var(env, 'MODALIAS=vio:T%sS%s', vio_dev.type, cp)
  return 0
}

/**
 * Models `__vio_register_driver` (arch/powerpc/platforms/pseries/vio.c, v4.18): registers the driver and binds all
 * matching unbound devices on the bus. Takes the lock of each matching device, even if the device is already bound.
 *
 * @returns 0, even if a probe failed; -EBUSY if a driver of that name is registered; or another error of
 * `driver_register`
 */
export function __vio_register_driver(viodrv: vio_driver): number {
  const { vio_bus_type } = vioState()
  viodrv.driver = embed(viodrv, new device_driver(viodrv.name, vio_bus_type))
  return driver_register(viodrv.driver)
}

/** Models `vio_register_driver` (arch/powerpc/include/asm/vio.h, v4.18): a macro in C. */
export const vio_register_driver: typeof __vio_register_driver = __vio_register_driver

/**
 * Models `vio_unregister_driver` (arch/powerpc/platforms/pseries/vio.c, v4.18): unbinds the devices of the driver, the
 * last bound first, and removes the driver from the bus.
 */
export function vio_unregister_driver(viodrv: vio_driver): void {
  driver_unregister(followPointer(viodrv.driver))
}
