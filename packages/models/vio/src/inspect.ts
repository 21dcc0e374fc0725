// SPDX-License-Identifier: GPL-2.0-only
import { dev_name, objectId, text, type device_node } from '@pfo-workbench/kernel'
import { vioState } from './bus.ts'
import { PFO, to_vio_dev, type vio_dev } from './types.ts'

/** The current state of a device on the VIO bus. */
export interface VioDeviceSnapshot {
  /** Stable name of the object (`vio_dev#3`). */
  readonly object: string
  /** Name of the device, which is also its name in sysfs. */
  readonly device: string
  /** The strings that `vio_dev.name` and `vio_dev.type` point to; null for NULL. */
  readonly name: string | null
  readonly type: string | null
  readonly family: 'vdevice' | 'pfo'
  readonly unitAddress: number
  readonly resourceId: number
  /** The reference count: 3 (registration, the bus's list, the parent's list of children), plus 1 per other user. */
  readonly refcount: number
  /** The node that the device holds, attached or not. */
  readonly ofNode: device_node | null
  readonly driver: string | null
}

/**
 * The devices on the VIO bus in order of registration, without the fake parent. Must be called inside
 * `machine.inspect()`, so that the call leaves no trace. Freed memory shows its last content.
 */
export function vioDevicesSnapshot(): VioDeviceSnapshot[] {
  const { vio_bus_type, vio_bus_device } = vioState()
  return (vio_bus_type.p?.klist_devices ?? [])
    .map(to_vio_dev)
    .filter((viodev) => viodev !== vio_bus_device)
    .map(snapshotOf)
}

function snapshotOf(viodev: vio_dev): VioDeviceSnapshot {
  const { dev, name, type } = viodev
  return {
    object: objectId(viodev),
    device: dev_name(dev),
    name: name === null ? null : text(name),
    type: type === null ? null : text(type),
    family: viodev.family === PFO ? 'pfo' : 'vdevice',
    unitAddress: viodev.unit_address,
    resourceId: viodev.resource_id,
    refcount: dev.kobj.kref.refcount.refs,
    ofNode: dev.of_node,
    driver: dev.driver?.name ?? null,
  }
}
