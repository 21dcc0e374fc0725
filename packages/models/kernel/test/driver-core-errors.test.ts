// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  crypto_alg,
  crypto_register_alg,
  device_attach,
  device_register,
  device_unregister,
  driver_register,
  driver_unregister,
  EEXIST,
  EINVAL,
  ENODEV,
  ENOMEM,
  EPROBE_DEFER,
  injectAllocationFailures,
  isFreed,
  kset_create_and_add,
  kset_unregister,
  put_device,
  registeredAlgorithms,
  sysfs_create_file,
  sysfs_create_link,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { add_device, bootWithBus, it, nameOf, new_device, new_driver, refs } from './bus-support.ts'
import { boot, new_thing } from './support.ts'

describe('driver_attach', () => {
  it('takes no references on the devices that it tries', ({ bench: { machine, bus } }) => {
    const counts: number[] = []
    bus.match = (dev) => {
      counts.push(refs(dev))
      return true
    }
    run(machine, () => {
      add_device(bus, 'dev0')
      const before = eventsOf(machine, 'ref.get').length
      driver_register(new_driver(bus, 'drv'))
      const taken = eventsOf(machine, 'ref.get').slice(before)
      expect(taken.filter(({ object }) => object.startsWith('test_dev'))).toEqual([])
    })
    expect(counts).toEqual([2])
  })
})

describe('a device whose driver links cannot be created', () => {
  it('is not bound: the links are removed, and the error is 0 as in the kernel', () => {
    const { machine, bus, log } = bootWithBus()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const dev = add_device(bus, 'dev0')
        sysfs_create_file(dev.kobj, 'driver', () => 'in the way')
        expect(driver_register(new_driver(bus, 'drv'))).toBe(0)
        expect(dev.driver).toBeNull()
      })
    })
    expect(log).toEqual([])
    expect(lines.filter((line) => line.includes('dev0'))).toEqual([
      "sysfs: cannot create duplicate filename '/devices/dev0/driver'",
      'really_probe: driver_sysfs_add(dev0) failed',
      'drv: probe of dev0 failed with error 0',
    ])
    expect(machine.readdir('/sys/bus/test/drivers/drv')).not.toContain('dev0')
  })
})

describe('a write to bind', () => {
  it('returns -ENODEV for any error of the probe, and the length on success', ({ bench }) => {
    const { machine, bus } = bench
    bench.probe = () => -EINVAL
    run(machine, () => {
      add_device(bus, 'dev0')
      driver_register(new_driver(bus, 'drv'))
    })
    const bind = '/sys/bus/test/drivers/drv/bind'
    expect([machine.write(bind, 'dev0\n'), machine.write(bind, 'dev0\n\n')]).toEqual([-ENODEV, -ENODEV])
    bench.probe = () => 0
    expect([machine.write(bind, 'dev0\n'), machine.write(bind, 'dev0')]).toEqual([5, -ENODEV])
  })

  it('returns -ENODEV for a device that was removed from sysfs', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      dev.kobj.state_in_sysfs = false
      driver_register(new_driver(bus, 'drv'))
      expect(device_attach(dev)).toBe(-ENODEV)
    })
    expect(machine.write('/sys/bus/test/drivers/drv/bind', 'dev0')).toBe(-ENODEV)
    expect(machine.write('/sys/bus/test/drivers_probe', 'dev0')).toBe(-EINVAL)
  })
})

describe('the files of a bus', () => {
  it('turn autoprobe off and on, and look for a driver on request', ({ bench: { machine, bus, log } }) => {
    expect(machine.write('/sys/bus/test/drivers_autoprobe', '0')).toBe(1)
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      add_device(bus, 'dev0')
    })
    expect(log).toEqual([])
    expect(machine.read('/sys/bus/test/drivers_autoprobe')).toBe('0\n')
    expect(machine.write('/sys/bus/test/drivers_probe', 'dev0\n')).toBe(5)
    expect(machine.write('/sys/bus/test/drivers_probe', 'dev0')).toBe(4)
    expect(machine.write('/sys/bus/test/drivers_probe', 'dev1')).toBe(-ENODEV)
    expect(log).toEqual(['probe drv dev0'])
    expect(machine.write('/sys/bus/test/drivers_autoprobe', '1')).toBe(1)
    expect(machine.read('/sys/bus/test/drivers_autoprobe')).toBe('1\n')
  })
})

describe('an unregistered driver', () => {
  it('has a dangling pointer: unregistering it again is a use after free', ({ bench: { machine, bus } }) => {
    const drv = new_driver(bus, 'drv')
    run(machine, () => {
      driver_register(drv)
      driver_unregister(drv)
    })
    expect(isFreed(must(drv.p))).toBe(true)
    machine.task('test', () => {
      driver_unregister(drv)
    })
    expect(eventsOf(machine, 'use-after-free')[0]).toMatchObject({ struct: 'driver_private' })
  })
})

describe('a device that waits for another', () => {
  it('is retried if a driver was bound during its probe', ({ bench }) => {
    const { machine, bus, log } = bench
    bench.probe = (dev) => {
      if (nameOf(dev) !== 'dev0' || log.length > 1) return 0
      // Meanwhile the other device is added and bound.
      add_device(bus, 'dev1')
      return -EPROBE_DEFER
    }
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      add_device(bus, 'dev0')
    })
    machine.settle()
    expect(log).toEqual(['probe drv dev0', 'probe drv dev1', 'probe drv dev0'])
    expect(eventsOf(machine, 'driver.bind').map(({ device }) => device)).toEqual(['dev1', 'dev0'])
  })
})

describe('a kset', () => {
  it('is removed from sysfs when unregistered, even if others hold references', ({ machine }) => {
    run(machine, () => {
      const set = must(kset_create_and_add('set', null, null))
      const child = must(kset_create_and_add('child', null, set.kobj))
      kset_unregister(set)
      expect(machine.readdir('/sys')).not.toContain('set')
      expect(isFreed(set)).toBe(false)
      kset_unregister(child)
      expect([isFreed(set), isFreed(child)]).toEqual([true, true])
      kset_unregister(null)
    })
  })
})

describe('a device registration without memory', () => {
  const order = [
    ['device_private', 0],
    ['kernfs_node', 0],
    ['kernfs_node', 1],
    ['kernfs_node', 2],
    ['kernfs_node', 3],
  ] as const
  it.each(order)('for %s, after %i of them, fails and leaves nothing behind', (wanted, after) => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      const parent = add_device(bus, 'parent')
      const dev = new_device(bus, 'dev0')
      dev.parent = parent
      let asked = 0
      injectAllocationFailures((struct) => struct === wanted && asked++ === after)
      expect(device_register(dev)).toBe(-ENOMEM)
      injectAllocationFailures(null)
      expect([refs(dev), refs(parent), dev.p]).toEqual([1, 2, null])
      put_device(dev)
      device_unregister(parent)
    })
    expect(machine.readdir('/sys/devices')).toEqual([])
    expect(machine.readdir('/sys/bus/test/devices')).toEqual([])
    const { length } = eventsOf(machine, 'alloc').filter(({ struct }) => struct === 'device_private')
    expect(eventsOf(machine, 'free').filter(({ struct }) => struct === 'device_private')).toHaveLength(length)
  })
})

describe('an allocation failure', () => {
  it('makes sysfs files and links fail with -ENOMEM; a link drops the reference on its target', () => {
    const machine = boot()
    run(machine, () => {
      const dev = new_device(null, 'dev0')
      const target = new_device(null, 'dev1')
      for (const one of [dev, target]) device_register(one)
      const before = must(target.kobj.sd).count
      injectAllocationFailures((struct) => struct === 'kernfs_node')
      expect(sysfs_create_file(dev.kobj, 'file', () => '')).toBe(-ENOMEM)
      expect(sysfs_create_link(dev.kobj, target.kobj, 'link')).toBe(-ENOMEM)
      expect(must(target.kobj.sd).count).toBe(before)
      expect(new_thing().kobj.sd).toBeNull()
    })
    expect(machine.readdir('/sys/devices/dev0')).toEqual(['uevent'])
  })

  it('makes the registration of an algorithm fail, unless the algorithm is already registered', () => {
    run(boot(), () => {
      const alg = new crypto_alg('842', '842-nx', 300)
      injectAllocationFailures((struct) => struct === 'crypto_larval')
      expect([crypto_register_alg(alg), registeredAlgorithms()]).toEqual([-ENOMEM, []])
      injectAllocationFailures(null)
      expect(crypto_register_alg(alg)).toBe(0)
      injectAllocationFailures((struct) => struct === 'crypto_larval')
      expect(crypto_register_alg(alg)).toBe(-EEXIST)
    })
  })
})
