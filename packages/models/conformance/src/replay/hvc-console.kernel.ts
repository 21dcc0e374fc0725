// SPDX-License-Identifier: GPL-2.0-only
import { fileScope, type Subsystem } from '@pfo-workbench/kernel'
import { vio_driver, vio_register_driver } from '@pfo-workbench/vio'

/**
 * The console driver of the recorded machine (drivers/tty/hvc/hvc_vio.c), as seen on the VIO bus: a driver of this
 * name, bound to the console's device.
 */
const hvc = fileScope(() => ({
  hvc_vio_driver: new vio_driver({
    name: 'hvc_console',
    id_table: [{ type: 'serial', compat: 'hvterm1' }],
    probe: hvc_vio_probe,
  }),
}))

function hvc_vio_probe(): number {
  return 0
}

function hvc_vio_init(): number {
  return vio_register_driver(hvc().hvc_vio_driver)
}

export const hvcConsole: Subsystem = {
  name: 'hvc_console',
  initcalls: [{ level: 'device', fn: hvc_vio_init }],
}
