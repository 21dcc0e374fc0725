// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  BUS_NOTIFY_ADD_DEVICE,
  BUS_NOTIFY_BIND_DRIVER,
  BUS_NOTIFY_BOUND_DRIVER,
  BUS_NOTIFY_DEL_DEVICE,
  BUS_NOTIFY_DRIVER_NOT_BOUND,
  BUS_NOTIFY_REMOVED_DEVICE,
  BUS_NOTIFY_UNBIND_DRIVER,
  BUS_NOTIFY_UNBOUND_DRIVER,
  bus_register,
  bus_register_notifier,
  bus_type,
  bus_unregister_notifier,
  device_unregister,
  driver_register,
  EIO,
  ENOENT,
  EPROBE_DEFER,
  notifier_block,
  NOTIFY_OK,
  type device,
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

describe('a bus notifier', () => {
  const names: Readonly<Record<number, string>> = {
    [BUS_NOTIFY_ADD_DEVICE]: 'add',
    [BUS_NOTIFY_DEL_DEVICE]: 'del',
    [BUS_NOTIFY_REMOVED_DEVICE]: 'removed',
    [BUS_NOTIFY_BIND_DRIVER]: 'bind',
    [BUS_NOTIFY_BOUND_DRIVER]: 'bound',
    [BUS_NOTIFY_UNBIND_DRIVER]: 'unbind',
    [BUS_NOTIFY_UNBOUND_DRIVER]: 'unbound',
    [BUS_NOTIFY_DRIVER_NOT_BOUND]: 'not bound',
  }

  function bootListening(): TestBus & { readonly nb: notifier_block<device> } {
    const bench = bootWithBus()
    const nb = new notifier_block<device>((_nb, action, dev) => {
      bench.log.push(`${String(names[action])} ${nameOf(dev)}`)
      return NOTIFY_OK
    })
    expect(run(bench.machine, () => bus_register_notifier(bench.bus, nb))).toBe(0)
    return Object.assign(bench, { nb })
  }

  it('is called for a device before its driver is bound, and until the device is removed', () => {
    const { machine, bus, log } = bootListening()
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      device_unregister(add_device(bus, 'dev0'))
    })
    expect(log).toEqual([
      'add dev0',
      'bind dev0',
      'probe drv dev0',
      'bound dev0',
      'del dev0',
      'unbind dev0',
      'remove drv dev0',
      'unbound dev0',
      'removed dev0',
    ])
  })

  it('is called for a failed probe', () => {
    const bench = bootListening()
    bench.probe = () => -EIO
    run(bench.machine, () => {
      driver_register(new_driver(bench.bus, 'drv'))
      add_device(bench.bus, 'dev0')
    })
    expect(bench.log).toEqual(['add dev0', 'bind dev0', 'probe drv dev0', 'not bound dev0'])
  })

  it('is no longer called once unregistered, which succeeds only once', () => {
    const { machine, bus, log, nb } = bootListening()
    run(machine, () => {
      expect([bus_unregister_notifier(bus, nb), bus_unregister_notifier(bus, nb)]).toEqual([0, -ENOENT])
      add_device(bus, 'dev0')
    })
    expect(log).toEqual([])
  })
})
