// SPDX-License-Identifier: GPL-2.0-only
import type { ContractFileInput, FunctionContract } from './schema.ts'

const device = 'device'
const found = { class: device, returns: 'reference' } as const
// The caller owns the first reference. After a failure the caller must drop it. After success device_unregister()
// drops it, so the reference then counts as handed over.
const adds = (argument: number): FunctionContract => ({
  class: device,
  returns: 'errno',
  onSuccess: { handsOver: [argument] },
})
const registers: FunctionContract = { ...adds(0), begins: [0] }

/**
 * References to devices: drivers/base/core.c, bus.c, class.c, driver.c, platform.c, drivers/of/platform.c, device.c.
 */
export const deviceContracts: ContractFileInput = {
  schemaVersion: 1,
  classes: { device: { title: 'device', drop: 'put_device', heldOpen: true, unproven: true, default: true } },
  functions: {
    get_device: { class: device, takes: [0], returns: { argument: 0 } },
    put_device: { class: device, drops: [0] },
    of_dev_get: { class: device, takes: [0], returns: { argument: 0 } },
    of_dev_put: { class: device, drops: [0] },
    platform_device_put: { class: device, drops: [0] },
    device_initialize: { class: device, begins: [0] },
    device_register: registers,
    device_add: adds(0),
    cdev_device_add: adds(1),
    platform_device_alloc: found,
    of_device_alloc: found,
    platform_device_register: registers,
    platform_device_add: adds(0),
    of_device_register: registers,
    of_device_add: adds(0),
    of_find_device_by_node: found,
    usb_of_get_companion_dev: found,
    bus_find_device: { ...found, matchedBy: 3 },
    driver_find_device: { ...found, matchedBy: 3 },
    class_find_device: { ...found, matchedBy: 3 },
    device_find_child: { ...found, matchedBy: 2 },
    device_find_child_by_name: found,
    device_find_any_child: found,
    i2c_put_adapter: { class: device, drops: [0] },
    of_find_mdio_device: found,
    of_find_i2c_device_by_node: found,
    of_find_i2c_adapter_by_node: found,
    i2c_find_device_by_fwnode: found,
    i2c_find_adapter_by_fwnode: found,
    of_find_backlight_by_node: found,
    of_mdio_find_bus: found,
    mdio_find_bus: found,
  },
}
