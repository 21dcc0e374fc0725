// SPDX-License-Identifier: GPL-2.0-only
import type { bus_type, device } from './device.ts'
import {
  blocking_notifier_call_chain,
  blocking_notifier_chain_register,
  blocking_notifier_chain_unregister,
  type notifier_block,
} from '../../kernel/notifier.ts'
import { followPointer } from '../../c/pointer.ts'

/** Bus notifier event: a device was added (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_ADD_DEVICE = 0x00000001
/** A device is about to be removed (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_DEL_DEVICE = 0x00000002
/** A device was removed (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_REMOVED_DEVICE = 0x00000003
/** A driver is about to be bound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_BIND_DRIVER = 0x00000004
/** A driver was bound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_BOUND_DRIVER = 0x00000005
/** A driver is about to be unbound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_UNBIND_DRIVER = 0x00000006
/** A driver was unbound (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_UNBOUND_DRIVER = 0x00000007
/** A driver failed to bind (include/linux/device.h, v4.18). */
export const BUS_NOTIFY_DRIVER_NOT_BOUND = 0x00000008

/**
 * Models `bus_register_notifier` (drivers/base/bus.c, v4.18): registers `nb` for the bus's `BUS_NOTIFY_*` events.
 * Returns 0. An unregistered bus is an Oops.
 */
export function bus_register_notifier(type: bus_type, nb: notifier_block<device>): number {
  return blocking_notifier_chain_register(followPointer(type.p).bus_notifier, nb)
}

/**
 * Models `bus_unregister_notifier` (drivers/base/bus.c, v4.18). Returns 0, or -ENOENT if `nb` is not registered. An
 * unregistered bus is an Oops.
 */
export function bus_unregister_notifier(type: bus_type, nb: notifier_block<device>): number {
  return blocking_notifier_chain_unregister(followPointer(type.p).bus_notifier, nb)
}

/**
 * Calls the notifier chain of the device's bus. Does nothing if the device has no bus or the chain is empty. An
 * unregistered bus is an Oops.
 */
export function notifyBus(dev: device, action: number): void {
  if (dev.bus !== null) blocking_notifier_call_chain(followPointer(dev.bus.p).bus_notifier, action, dev)
}
