// SPDX-License-Identifier: GPL-2.0-only
import {
  bus_register,
  dev_set_name,
  device_register,
  literal,
  memblock_alloc,
  pr_err,
  pr_warn,
  type Subsystem,
} from '@pfo-workbench/kernel'
import { vio_cmo_dev_attrs, vio_dev_attrs } from './attributes.ts'
import { vioState } from './bus.ts'
import { firmwareHasCmo } from './cmo.ts'
import { vio_bus_scan_register_devices } from './register.ts'
import { vio_dev } from './types.ts'

/** `vio_bus_device`, a static variable in C: never freed, with its own object name in events. */
function makeVioBusDevice(): vio_dev {
  const viodev = memblock_alloc(vio_dev)
  viodev.name = literal('vio')
  viodev.type = literal('')
  dev_set_name(viodev.dev, 'vio')
  viodev.dev.bus = vioState().vio_bus_type
  return viodev
}

/**
 * Models `vio_bus_init` (arch/powerpc/platforms/pseries/vio.c, v4.18), a postcore initcall: registers the bus and the
 * fake parent of its devices.
 *
 * @returns 0, or the error of `bus_register` or `device_register`
 */
export function vio_bus_init(): number {
  const state = vioState()
  state.vio_bus_type.dev_groups = firmwareHasCmo() ? vio_cmo_dev_attrs : vio_dev_attrs
  state.vio_bus_device = makeVioBusDevice()
  const err = bus_register(state.vio_bus_type)
  if (err !== 0) {
    pr_err('failed to register VIO bus\n')
    return err
  }
  const deviceError = device_register(state.vio_bus_device.dev)
  if (deviceError !== 0) {
    pr_warn('%s: device_register returned %i\n', 'vio_bus_init', deviceError)
    return deviceError
  }
  return 0
}

/**
 * Models `vio_device_init` (arch/powerpc/platforms/pseries/vio.c, v4.18), a device initcall: creates devices for the
 * nodes in the tree. Nodes attached later get none.
 *
 * @returns always 0
 */
export function vio_device_init(): number {
  vio_bus_scan_register_devices('vdevice')
  vio_bus_scan_register_devices('ibm,platform-facilities')
  return 0
}

/** The VIO bus for `bootMachine`. */
export const vio: Subsystem = {
  name: 'vio',
  initcalls: [
    { level: 'postcore', fn: vio_bus_init },
    { level: 'device', fn: vio_device_init },
  ],
}
