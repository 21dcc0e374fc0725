// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  bus_find_device,
  bus_find_device_by_name,
  bus_register,
  bus_type,
  dev_get_drvdata,
  dev_name,
  dev_set_drvdata,
  device,
  device_add,
  device_del,
  device_initialize,
  device_node,
  device_register,
  device_unregister,
  driver_register,
  EEXIST,
  EINVAL,
  ENOMEM,
  get_device,
  injectAllocationFailures,
  isFreed,
  kobject_add,
  kobject_init,
  kzalloc,
  put_device,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { add_device, bootWithBus, it, new_device, new_driver, refs, test_dev } from './bus-support.ts'
import { boot, thing_ktype } from './support.ts'

describe('device_register', () => {
  it('creates directory, uevent file, attributes and links, and adds the device to the list of the bus', () => {
    const { machine, bus } = bootWithBus()
    bus.dev_groups = [{ name: 'modalias', show: (dev) => `test:${dev_name(dev)}\n` }]
    run(machine, () => add_device(bus, 'dev0'))
    expect(machine.readdir('/sys/devices/dev0')).toEqual(['modalias', 'subsystem', 'uevent'])
    expect(machine.readlink('/sys/devices/dev0/subsystem')).toBe('../../bus/test')
    expect(machine.readlink('/sys/bus/test/devices/dev0')).toBe('../../../devices/dev0')
    expect(machine.read('/sys/devices/dev0/modalias')).toBe('test:dev0\n')
    expect(machine.read('/sys/bus/test/devices/dev0/modalias')).toBe('test:dev0\n')
  })

  it('leaves one reference to the caller and one to the list of the bus', ({ bench: { machine, bus } }) => {
    expect(run(machine, () => refs(add_device(bus, 'dev0')))).toBe(2)
  })

  it('takes two references on the parent, and one on the child for the list of the parent', () => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      const parent = add_device(bus, 'parent')
      const child = new_device(bus, 'child')
      child.parent = parent
      device_register(child)
      expect([refs(parent), refs(child)]).toEqual([4, 3])
      device_unregister(child)
      expect(refs(parent)).toBe(2)
    })
    expect(machine.readdir('/sys/devices/parent')).toEqual(['subsystem', 'uevent'])
  })

  it('does its steps in the order of device_add', ({ bench: { machine, bus } }) => {
    bus.dev_groups = [{ name: 'attr', show: () => '' }]
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      const dev = new_device(bus, 'dev0')
      const before = machine.events.length
      device_register(dev)
      const happened = machine.events.slice(before).flatMap((event) => {
        if (event.type === 'sysfs.create') return [event.path]
        if (event.type === 'ref.get' && event.object === 'test_dev#0') return [`+1 = ${String(event.after)}`]
        if (event.type === 'ref.put' && event.object === 'test_dev#0') return [`-1 = ${String(event.after)}`]
        if (event.type === 'uevent') return [`uevent ${event.action}`]
        return ['device.register', 'driver.bind'].includes(event.type) ? [event.type] : []
      })
      expect(happened).toEqual([
        '+1 = 1',
        '+1 = 2',
        '/devices/dev0',
        '/devices/dev0/uevent',
        '/devices/dev0/attr',
        '/bus/test/devices/dev0',
        '/devices/dev0/subsystem',
        '+1 = 3',
        'device.register',
        'uevent add',
        '/bus/test/drivers/drv/dev0',
        '/devices/dev0/driver',
        'driver.bind',
        'uevent bind',
        '-1 = 2',
      ])
    })
  })

  it('fails with -EINVAL without a name and leaves the initial reference to the caller', ({ machine }) => {
    run(machine, () => {
      const { dev } = must(kzalloc(test_dev))
      device_initialize(dev)
      expect(device_add(dev)).toBe(-EINVAL)
      expect(refs(dev)).toBe(1)
    })
  })

  it('drops all references but the initial one if the name is taken', ({ bench: { machine, bus } }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const parent = add_device(bus, 'parent')
        for (const expected of [0, -EEXIST]) {
          const child = new_device(bus, 'child')
          child.parent = parent
          expect(device_register(child)).toBe(expected)
          if (expected === 0) continue
          expect([refs(child), refs(parent)]).toEqual([1, 4])
          put_device(child)
        }
      })
    })
    expect(lines[0]).toBe("sysfs: cannot create duplicate filename '/devices/parent/child'")
    expect(lines.slice(2, 7)).toEqual([
      'Call Trace:',
      'sysfs_warn_dup',
      'sysfs_create_dir_ns',
      'kobject_add_internal',
      'kobject_add',
    ])
    expect(lines.at(-1)).toMatch(/^kobject_add_internal failed for child with -EEXIST/)
    expect(eventsOf(machine, 'device.release')).toMatchObject([{ object: 'test_dev#2', name: 'child' }])
  })

  it('is undone if another directory has a device of that name on the bus', ({ bench: { machine, bus } }) => {
    bus.dev_groups = [{ name: 'attr', show: () => '' }]
    run(machine, () => {
      const parent = add_device(bus, 'parent')
      add_device(bus, 'same')
      const child = new_device(bus, 'same')
      child.parent = parent
      expect(device_register(child)).toBe(-EEXIST)
      expect([refs(child), refs(parent)]).toEqual([1, 2])
    })
    expect(machine.readdir('/sys/devices/parent')).not.toContain('same')
    expect(
      eventsOf(machine, 'uevent').flatMap(({ action, device }) => (device === 'test' ? [] : [action])),
    ).toEqual(['add', 'add', 'remove'])
  })

  it('creates a directory with an empty uevent file, and sends no uevent, for a device without a bus', () => {
    const machine = boot()
    run(machine, () => {
      device_register(new_device(null, 'alone'))
    })
    expect(machine.readdir('/sys/devices/alone')).toEqual(['uevent'])
    expect(machine.read('/sys/devices/alone/uevent')).toBe('')
    expect(eventsOf(machine, 'uevent')).toEqual([])
  })

  it('is an Oops for a device on a bus that was never registered, because there is no check', () => {
    const machine = boot()
    machine.task('test', () => add_device(new bus_type('never'), 'dev0'))
    expect(eventsOf(machine, 'oops')).toMatchObject([{ function: 'bus_add_device' }])
  })
})

describe('the of_node link', () => {
  it('points to the directory of the node', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const np = must(kzalloc(device_node))
      kobject_init(np.kobj, thing_ktype)
      kobject_add(np.kobj, null, 'node')
      const dev = new_device(bus, 'dev0')
      dev.of_node = np
      device_register(dev)
    })
    expect(machine.readlink('/sys/devices/dev0/of_node')).toBe('../../node')
  })

  it('is optional: if it cannot be created, a warning is printed and registration continues', () => {
    const { machine, bus } = bootWithBus()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const dev = new_device(bus, 'dev0')
        dev.of_node = must(kzalloc(device_node))
        expect(device_register(dev)).toBe(0)
      })
    })
    expect(lines).toEqual(['test dev0: Error -2 creating of_node link'])
  })
})

describe('device_unregister', () => {
  it('removes the device from sysfs and the list at once, while an earlier lookup keeps it alive', () => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      const found = bus_find_device_by_name(bus, null, 'dev0')
      expect(found).toBe(dev)
      device_unregister(dev)
      expect(bus_find_device_by_name(bus, null, 'dev0')).toBeNull()
      expect(eventsOf(machine, 'device.release')).toEqual([])
      put_device(found)
    })
    expect(machine.readdir('/sys/devices')).toEqual([])
    expect(machine.readdir('/sys/bus/test/devices')).toEqual([])
    expect(eventsOf(machine, 'device.release')).toMatchObject([{ name: 'dev0' }])
    expect(machine.heap.filter((object) => object instanceof test_dev).map(isFreed)).toEqual([true])
  })

  it('unbinds the driver after removing the links and before sending the remove uevent', () => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      const dev = add_device(bus, 'dev0')
      const before = machine.events.length
      device_unregister(dev)
      const happened = machine.events.slice(before).flatMap((event) => {
        if (event.type === 'sysfs.remove') return [event.path]
        if (event.type === 'uevent') return [`uevent ${event.action}`]
        return ['device.unregister', 'device.release', 'driver.unbind'].includes(event.type)
          ? [event.type]
          : []
      })
      expect(happened).toEqual([
        '/devices/dev0/uevent',
        '/devices/dev0/subsystem',
        '/bus/test/devices/dev0',
        '/bus/test/drivers/drv/dev0',
        '/devices/dev0/driver',
        'driver.unbind',
        'uevent unbind',
        'uevent remove',
        'device.unregister',
        '/devices/dev0',
        'device.release',
      ])
    })
  })

  it('calls device_del and drops the initial reference', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      device_del(dev)
      expect(refs(dev)).toBe(1)
      put_device(dev)
    })
    expect(eventsOf(machine, 'device.release')).toHaveLength(1)
  })

  it('may be forgotten: the last put removes the directory and sends the pending remove uevent', () => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      put_device(dev)
      put_device(dev)
    })
    expect(
      eventsOf(machine, 'uevent').flatMap(({ action, device }) => (device === 'test' ? [] : [action])),
    ).toEqual(['add', 'remove'])
    expect(machine.readdir('/sys/devices')).toEqual([])
  })
})

describe('bus_find_device', () => {
  it('finds nothing on a bus that is not registered', () => {
    run(boot(), () => {
      expect(bus_find_device(new bus_type('never'), null, () => true)).toBeNull()
    })
  })

  it('searches after the start, in order of registration, and takes a reference', () => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      const [a, b] = [add_device(bus, 'a'), add_device(bus, 'b')]
      expect(bus_find_device(bus, null, () => true)).toBe(a)
      expect(bus_find_device(bus, a, () => true)).toBe(b)
      expect(bus_find_device(bus, b, () => true)).toBeNull()
      expect([refs(a), refs(b)]).toEqual([3, 3])
    })
  })
})

describe('bus_register', () => {
  it('creates directories for devices and drivers', ({ bench: { machine } }) => {
    expect(machine.readdir('/sys/bus/test')).toEqual([
      'devices',
      'drivers',
      'drivers_autoprobe',
      'drivers_probe',
      'uevent',
    ])
  })

  it('fails with -EEXIST if the name is taken', ({ bench: { machine } }) => {
    const again = new bus_type('test')
    expect(run(machine, () => bus_register(again))).toBe(-EEXIST)
    expect(again.p).toBeNull()
  })

  it.each([
    ['its private data', 1],
    ['its name', 2],
    ['its directory', 3],
    ['its uevent file', 6],
    ['the kset of devices', 7],
    ['the name of that kset', 8],
    ['the directory of devices', 9],
    ['the kset of drivers', 10],
    ['the name of that kset', 11],
    ['the directory of drivers', 12],
    ['its drivers_probe file', 13],
    ['its drivers_autoprobe file', 14],
  ])('fails with -ENOMEM if memory is short for %s, and cleans up', (_what, failing) => {
    const machine = boot()
    const bus = new bus_type('test')
    let asked = 0
    run(machine, () => {
      injectAllocationFailures(() => ++asked === failing)
      expect(bus_register(bus)).toBe(-ENOMEM)
    })
    expect([asked >= failing, bus.p]).toEqual([true, null])
    expect(machine.readdir('/sys/bus')).toEqual([])
  })
})

describe('get_device and put_device', () => {
  it('are NULL-safe', ({ machine }) => {
    run(machine, () => {
      expect(get_device(null)).toBeNull()
      put_device(null)
    })
  })
})

describe('driver data', () => {
  it('is returned as the driver set it', () => {
    const dev = new device()
    dev_set_drvdata(dev, 'mine')
    expect(dev_get_drvdata(dev)).toBe('mine')
  })
})
