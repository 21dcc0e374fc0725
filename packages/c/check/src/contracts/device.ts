// SPDX-License-Identifier: GPL-2.0-only
import type { ContractFileInput } from './schema.ts'

const device = 'device'
const found = { class: device, returns: 'reference' } as const

/** References of devices: drivers/base/core.c, bus.c, class.c, driver.c, drivers/of/platform.c. */
export const deviceContracts: ContractFileInput = {
  schemaVersion: 1,
  classes: { device: { title: 'device', drop: 'put_device', heldOpen: true, default: true } },
  functions: {
    get_device: { class: device, takes: [0], returns: { argument: 0 } },
    put_device: { class: device, drops: [0] },
    of_dev_get: { class: device, takes: [0], returns: { argument: 0 } },
    of_dev_put: { class: device, drops: [0] },
    platform_device_put: { class: device, drops: [0] },
    of_find_device_by_node: found,
    bus_find_device: found,
    driver_find_device: found,
    class_find_device: found,
    device_find_child: found,
    device_find_child_by_name: found,
    device_find_any_child: found,
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
