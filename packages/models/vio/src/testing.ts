// SPDX-License-Identifier: GPL-2.0-only

/**
 * Helpers for the tests of drivers of VIO devices.
 *
 * @packageDocumentation
 */
import { put_device, type device, type Machine } from '@pfo-workbench/kernel'
import { must } from '@pfo-workbench/kernel/testing'
import { vio_find_name } from './find.ts'
import { vioDevicesSnapshot } from './inspect.ts'

/** The name of the driver that the first device on the bus is bound to, or null. */
export function driverOf(machine: Machine): string | null {
  return machine.inspect(vioDevicesSnapshot)[0]?.driver ?? null
}

/** A device by its name, without a reference. */
export function deviceNamed(name: string): device {
  const viodev = must(vio_find_name(name))
  put_device(viodev.dev)
  return viodev.dev
}
