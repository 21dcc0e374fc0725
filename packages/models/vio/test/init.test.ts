// SPDX-License-Identifier: GPL-2.0-only
import {
  dev_set_name,
  device,
  device_register,
  injectAllocationFailures,
  type Subsystem,
} from '@pfo-workbench/kernel'
import { ofCore } from '@pfo-workbench/of'
import { describe, expect, it } from 'vitest'
import { vio } from '../src/index.ts'
import { boot } from './support.ts'

/** A subsystem that runs `fn` just before the VIO bus is registered. */
function before(fn: () => void): Subsystem {
  return { name: 'before', initcalls: [{ level: 'core', fn }] }
}

describe('vio_bus_init', () => {
  it('logs an error if the bus cannot be registered', () => {
    const machine = boot(
      {},
      {
        subsystems: [
          ofCore,
          before(() => injectAllocationFailures((struct) => struct === 'subsys_private')),
          vio,
        ],
      },
    )
    expect(machine.console).toContain('failed to register VIO bus')
    expect(machine.readdir('/sys/bus')).toEqual([])
  })

  it('logs a warning if /sys/devices/vio exists', () => {
    const machine = boot(
      {},
      {
        subsystems: [
          ofCore,
          before(() => {
            const other = new device()
            dev_set_name(other, 'vio')
            device_register(other)
          }),
          vio,
        ],
      },
    )
    expect(machine.console).toContain("sysfs: cannot create duplicate filename '/devices/vio'")
    expect(machine.console.at(-1)).toBe('vio_bus_init: device_register returned -17')
    expect(machine.readdir('/sys/bus/vio/devices')).toEqual([])
  })
})
