// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  bus_register,
  bus_type,
  device_unregister,
  driver_register,
  EPROBE_DEFER,
  type Subsystem,
} from '../src/index.ts'
import { eventsOf, run } from '../src/testing.ts'
import { add_device, bootWithBus, nameOf, new_driver, type TestBus } from './bus-support.ts'
import { boot } from './support.ts'

describe('a device whose driver defers the probe', () => {
  /** dev0 defers its probe until dev1 was probed. */
  function bootWaiting(): TestBus {
    const bench = bootWithBus()
    let isReady = false
    bench.probe = (dev) => {
      if (nameOf(dev) === 'dev1') isReady = true
      return isReady ? 0 : -EPROBE_DEFER
    }
    run(bench.machine, () => {
      driver_register(new_driver(bench.bus, 'drv'))
      add_device(bench.bus, 'dev0')
    })
    return bench
  }

  it('is not retried until some driver is bound; then a worker retries it', () => {
    const { machine, bus, log } = bootWaiting()
    machine.settle()
    expect(log).toEqual(['probe drv dev0'])
    expect(machine.console).toEqual([])
    run(machine, () => add_device(bus, 'dev1'))
    expect(log).toEqual(['probe drv dev0', 'probe drv dev1'])
    machine.settle()
    expect(log.slice(2)).toEqual(['probe drv dev0'])
    expect(eventsOf(machine, 'driver.bind').map((event) => event.device)).toEqual(['dev1', 'dev0'])
  })

  it('is dropped if it is unregistered while pending or due for a retry', () => {
    for (const hasTurn of [false, true]) {
      const { machine, bus, log } = bootWaiting()
      run(machine, () => {
        const waiting = bus.p?.klist_devices[0]
        if (hasTurn) add_device(bus, 'dev1')
        if (waiting !== undefined) device_unregister(waiting)
        if (!hasTurn) add_device(bus, 'dev1')
      })
      machine.settle()
      expect(log).toEqual(['probe drv dev0', 'probe drv dev1'])
      expect(machine.outcome).toBe('completed')
    }
  })

  it('is queued once, however often its probe is deferred', () => {
    const bench = bootWaiting()
    run(bench.machine, () => {
      driver_register(new_driver(bench.bus, 'other'))
      add_device(bench.bus, 'dev1')
    })
    bench.machine.settle()
    expect(bench.log).toEqual(['probe drv dev0', 'probe other dev0', 'probe drv dev1', 'probe drv dev0'])
  })
})

describe('a device that is pending at the late initcalls', () => {
  it('is retried before the boot continues, even if no driver was bound', () => {
    const log: string[] = []
    const bus = new bus_type('test')
    bus.probe = (dev) => {
      log.push(`probe ${nameOf(dev)}`)
      return log.length === 1 ? -EPROBE_DEFER : 0
    }
    const subsystem: Subsystem = {
      name: 'early',
      initcalls: [
        {
          level: 'device',
          fn: () => {
            bus_register(bus)
            driver_register(new_driver(bus, 'drv'))
            add_device(bus, 'dev0')
          },
        },
        { level: 'late', fn: () => log.push('late') },
      ],
    }
    expect(boot({}, { subsystems: [subsystem] }).outcome).toBe('completed')
    expect(log).toEqual(['probe dev0', 'probe dev0', 'late'])
  })
})
