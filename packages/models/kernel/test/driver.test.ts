// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  bus_register,
  bus_type,
  dev_set_drvdata,
  device_driver,
  device_register,
  device_unregister,
  driver_register,
  driver_unregister,
  EBUSY,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOMEM,
  ENXIO,
  EPROBE_DEFER,
  injectAllocationFailures,
  kobject_create_and_add,
  kobject_put,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { add_device, bootWithBus, it, nameOf, new_device, new_driver, refs } from './bus-support.ts'

describe('binding a new device', () => {
  it('tries the drivers in order of registration; the first that succeeds wins', ({ bench }) => {
    const { machine, bus, log } = bench
    bench.probe = (dev) => (dev.driver?.name === 'second' ? 0 : -ENODEV)
    run(machine, () => {
      for (const name of ['first', 'second', 'third']) driver_register(new_driver(bus, name))
      const dev = add_device(bus, 'dev0')
      expect(dev.driver?.name).toBe('second')
    })
    expect(log).toEqual(['probe first dev0', 'probe second dev0'])
  })

  it('calls match before probe', ({ bench: { machine, bus, log } }) => {
    bus.match = (_dev, drv) => drv.name === 'right'
    run(machine, () => {
      driver_register(new_driver(bus, 'wrong'))
      driver_register(new_driver(bus, 'right'))
      add_device(bus, 'dev0')
    })
    expect(log).toEqual(['probe right dev0'])
  })

  it('leaves a device unbound if no driver matches', ({ bench: { machine, bus } }) => {
    bus.match = () => false
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      expect(add_device(bus, 'dev0').driver).toBeNull()
    })
  })

  it('skips a device that already has its driver', ({ bench: { machine, bus, log } }) => {
    run(machine, () => {
      const drv = new_driver(bus, 'drv')
      driver_register(drv)
      const dev = new_device(bus, 'dev0')
      dev.driver = drv
      device_register(dev)
    })
    expect(log).toEqual([])
  })

  it('accepts any driver on a bus without match, and binds on a bus without probe', ({ machine }) => {
    run(machine, () => {
      const bus = new bus_type('simple')
      bus_register(bus)
      driver_register(new device_driver('drv', bus))
      const dev = add_device(bus, 'dev0')
      expect(dev.driver?.name).toBe('drv')
      device_unregister(dev)
    })
    expect(eventsOf(machine, 'driver.unbind')).toHaveLength(1)
  })
})

describe('binding a new driver', () => {
  it('tries only unbound devices, in order of registration', ({ bench: { machine, bus, log } }) => {
    bus.match = (dev, drv) => drv.name === 'all' || nameOf(dev) === 'b'
    run(machine, () => {
      for (const name of ['a', 'b', 'c']) add_device(bus, name)
      driver_register(new_driver(bus, 'only-b'))
      driver_register(new_driver(bus, 'all'))
    })
    expect(log).toEqual(['probe only-b b', 'probe all a', 'probe all c'])
  })

  it('skips a device that another probe unregistered meanwhile', ({ bench }) => {
    const { machine, bus, log } = bench
    run(machine, () => {
      add_device(bus, 'a')
      const b = add_device(bus, 'b')
      bench.probe = () => {
        device_unregister(b)
        return 0
      }
      driver_register(new_driver(bus, 'drv'))
    })
    expect(log).toEqual(['probe drv a'])
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })

  it('links device and driver in both directions', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      add_device(bus, 'dev0')
      driver_register(new_driver(bus, 'drv'))
    })
    expect(machine.readlink('/sys/devices/dev0/driver')).toBe('../../bus/test/drivers/drv')
    expect(machine.readlink('/sys/bus/test/drivers/drv/dev0')).toBe('../../../../devices/dev0')
    expect(eventsOf(machine, 'driver.bind')).toMatchObject([
      { object: 'test_dev#0', device: 'dev0', driver: 'drv' },
    ])
  })

  it('takes no reference on the device', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      driver_register(new_driver(bus, 'drv'))
      expect(refs(dev)).toBe(2)
    })
  })
})

describe('a failed probe', () => {
  it.each([
    [-EINVAL, ['drv: probe of dev0 failed with error -22']],
    [-1, ['drv: probe of dev0 failed with error -1']],
    [-ENODEV, []],
    [-ENXIO, []],
    [-EPROBE_DEFER, []],
  ])('with %i undoes everything and prints %j; the driver is still registered', (error, printed) => {
    const bench = bootWithBus()
    const { machine, bus } = bench
    bench.probe = (dev) => {
      dev_set_drvdata(dev, 'left over')
      return error
    }
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const dev = add_device(bus, 'dev0')
        expect(driver_register(new_driver(bus, 'drv'))).toBe(0)
        expect([dev.driver, dev.driver_data]).toEqual([null, null])
      })
    })
    expect(lines).toEqual(printed)
    expect(machine.readdir('/sys/bus/test/drivers/drv')).toEqual(['bind', 'uevent', 'unbind'])
    expect(machine.readdir('/sys/devices/dev0')).not.toContain('driver')
    expect(eventsOf(machine, 'driver.probe-failed')).toMatchObject([{ device: 'dev0', driver: 'drv', error }])
  })
})

describe('driver_register', () => {
  it('refuses a name that is taken', ({ bench: { machine, bus } }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(driver_register(new_driver(bus, 'drv'))).toBe(0)
        expect(driver_register(new_driver(bus, 'drv'))).toBe(-EBUSY)
      })
    })
    expect(lines).toEqual(["Error: Driver 'drv' is already registered, aborting..."])
  })

  it('fails if its directory cannot be created or memory is short, and does not register the driver', () => {
    const { machine, bus } = bootWithBus()
    const { drivers_kset, klist_drivers } = must(bus.p)
    const drv = new_driver(bus, 'drv')
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        kobject_create_and_add('drv', must(drivers_kset).kobj)
        expect(driver_register(drv)).toBe(-EEXIST)
        injectAllocationFailures((struct) => struct === 'driver_private')
        expect(driver_register(new_driver(bus, 'other'))).toBe(-ENOMEM)
      })
    })
    expect([drv.p, klist_drivers]).toEqual([null, []])
    expect(eventsOf(machine, 'free').map(({ struct }) => struct)).toContain('driver_private')
    expect(lines.at(-1)).toMatch(/^kobject_add_internal failed for drv with -EEXIST/)
  })
})

describe('driver_unregister', () => {
  it('unbinds the devices, the last bound first, and holds a reference on each meanwhile', () => {
    const { machine, bus, log } = bootWithBus()
    const held: number[] = []
    const remove = must(bus.remove)
    bus.remove = (dev) => {
      held.push(refs(dev))
      return remove(dev)
    }
    run(machine, () => {
      for (const name of ['a', 'b', 'c']) add_device(bus, name)
      const drv = new_driver(bus, 'drv')
      driver_register(drv)
      log.length = 0
      driver_unregister(drv)
    })
    expect(log).toEqual(['remove drv c', 'remove drv b', 'remove drv a'])
    expect(held).toEqual([3, 3, 3])
    expect(machine.readdir('/sys/bus/test/drivers')).toEqual([])
    expect(eventsOf(machine, 'uevent').map(({ action, device }) => `${action} ${device}`)).toEqual([
      ...['add test', 'add a', 'add b', 'add c'],
      ...['bind a', 'bind b', 'bind c', 'add drv'],
      ...['unbind c', 'unbind b', 'unbind a', 'remove drv'],
    ])
  })

  it('clears driver and driver data after remove, whatever remove returns', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      const drv = new_driver(bus, 'drv')
      driver_register(drv)
      dev_set_drvdata(dev, 'mine')
      bus.remove = () => {
        expect([dev.driver, dev.driver_data]).toEqual([drv, 'mine'])
        return -EBUSY
      }
      driver_unregister(drv)
      expect([dev.driver, dev.driver_data]).toEqual([null, null])
    })
  })

  it('allows the driver to be registered again', ({ bench: { machine, bus, log } }) => {
    run(machine, () => {
      add_device(bus, 'dev0')
      const drv = new_driver(bus, 'drv')
      driver_register(drv)
      driver_unregister(drv)
      expect(driver_register(drv)).toBe(0)
    })
    expect(log).toEqual(['probe drv dev0', 'remove drv dev0', 'probe drv dev0'])
  })

  it('warns about a driver that is not registered', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      driver_unregister(new_driver(bus, 'drv'))
    })
    expect(eventsOf(machine, 'warn').map((event) => event.text)).toEqual(['Unexpected driver unregister!'])
  })
})

describe('the bind and unbind files of a driver', () => {
  function bench(): ReturnType<typeof bootWithBus> {
    const result = bootWithBus()
    run(result.machine, () => {
      add_device(result.bus, 'dev0')
      driver_register(new_driver(result.bus, 'drv'))
      driver_register(new_driver(result.bus, 'other'))
    })
    result.log.length = 0
    return result
  }

  it('bind and unbind the named device, with or without a trailing newline', () => {
    const { machine, bus, log } = bench()
    expect(machine.write('/sys/bus/test/drivers/drv/unbind', 'dev0\n')).toBe(5)
    expect(machine.write('/sys/bus/test/drivers/other/bind', 'dev0')).toBe(4)
    expect(log).toEqual(['remove drv dev0', 'probe other dev0'])
    expect(refs(must(bus.p?.klist_devices[0]))).toBe(2)
  })

  it.each([
    ['drv/unbind', 'nothing'],
    ['other/unbind', 'dev0'],
    ['drv/bind', 'nothing'],
    ['other/bind', 'dev0'],
  ])('%s refuses %s with -ENODEV', (file, name) => {
    const { machine, bus, log } = bench()
    expect(machine.write(`/sys/bus/test/drivers/${file}`, name)).toBe(-ENODEV)
    expect(log).toEqual([])
    expect(refs(must(bus.p?.klist_devices[0]))).toBe(2)
  })

  it('refuse a device that the driver does not match or whose probe fails', () => {
    const result = bench()
    const { machine, bus } = result
    machine.write('/sys/bus/test/drivers/drv/unbind', 'dev0')
    bus.match = () => false
    expect(machine.write('/sys/bus/test/drivers/drv/bind', 'dev0')).toBe(-ENODEV)
    bus.match = () => true
    result.probe = () => -EINVAL
    expect(machine.write('/sys/bus/test/drivers/drv/bind', 'dev0')).toBe(-ENODEV)
    expect(machine.console.at(-1)).toBe('drv: probe of dev0 failed with error -22')
  })

  it('appear only after the devices were tried', () => {
    const { machine } = bench()
    const created = eventsOf(machine, 'sysfs.create').map((event) => event.path)
    expect(created.indexOf('/bus/test/drivers/drv/unbind')).toBeGreaterThan(
      created.indexOf('/bus/test/drivers/drv/dev0'),
    )
  })
})

describe('probe and remove', () => {
  it('run under the device lock', ({ bench }) => {
    const { machine, bus } = bench
    const held: string[][] = []
    const note = (): number => {
      held.push(machine.running?.held_locks.map((one) => one.lock.name) ?? [])
      return 0
    }
    bench.probe = note
    bus.remove = note
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      device_unregister(add_device(bus, 'dev0'))
    })
    expect(held).toEqual([['&dev->mutex'], ['&dev->mutex']])
  })

  it('deadlock if they unregister the same device', ({ bench }) => {
    const { machine, bus } = bench
    bench.probe = (dev) => {
      device_unregister(dev)
      return 0
    }
    const result = machine.task('init', () => {
      driver_register(new_driver(bus, 'drv'))
      add_device(bus, 'dev0')
    })
    expect(result).toBeNull()
    expect(machine.outcome).toBe('deadlock')
  })

  it('hold the driver’s directory only through its links', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      add_device(bus, 'dev0')
      const drv = new_driver(bus, 'drv')
      driver_register(drv)
      kobject_put(must(drv.p).kobj)
    })
    expect(machine.readlink('/sys/devices/dev0/driver')).toBe('../../bus/test/drivers/drv')
    expect(machine.readdir('/sys/bus/test/drivers')).toEqual([])
  })
})

describe('a driver', () => {
  it('is refused if its bus is not registered', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      expect(run(machine, () => driver_register(new device_driver('drv', new bus_type('lost'))))).toBe(
        -EINVAL,
      )
    })
    expect(lines).toEqual([
      "Driver 'drv' was unable to register with bus_type 'lost' because the bus was not initialized.",
    ])
  })
})
