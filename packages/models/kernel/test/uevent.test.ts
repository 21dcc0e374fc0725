// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  add_uevent_var,
  dev_crit,
  dev_err,
  dev_info,
  dev_name,
  dev_warn,
  device,
  device_del,
  device_driver,
  device_node,
  device_register,
  device_unregister,
  driver_register,
  ENODEV,
  kobject_create_and_add,
  kzalloc,
  setOfDeviceUevent,
  sysfs_create_file,
  type Machine,
} from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { add_device, bootWithBus, it, new_device, new_driver } from './bus-support.ts'

function uevents(machine: Machine): string[] {
  return eventsOf(machine, 'uevent').map(({ action, device }) => `${action} ${device}`)
}

describe('a device without release', () => {
  it('is warned about at its release', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = new_device(bus, 'dev0')
      dev.release = null
      device_register(dev)
      device_unregister(dev)
    })
    expect(eventsOf(machine, 'warn').map((event) => event.text)).toEqual([
      "Device 'dev0' does not have a release() function, it is broken and must be fixed.",
    ])
  })
})

describe('uevents', () => {
  it('show the driver, the node and the variables of the bus, in this order', () => {
    const { machine, bus } = bootWithBus()
    bus.uevent = (dev, env) => add_uevent_var(env, 'MODALIAS=test:%s', dev_name(dev))
    run(machine, () => {
      setOfDeviceUevent((_dev, env) => add_uevent_var(env, 'OF_NAME=node'))
      const dev = add_device(bus, 'dev0')
      dev.of_node = must(kzalloc(device_node))
      driver_register(new_driver(bus, 'drv'))
    })
    expect(machine.read('/sys/devices/dev0/uevent')).toBe('DRIVER=drv\nOF_NAME=node\nMODALIAS=test:dev0\n')
  })

  it('contain no node variables before the OF core is initialized', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      add_device(bus, 'dev0').of_node = must(kzalloc(device_node))
    })
    expect(machine.read('/sys/devices/dev0/uevent')).toBe('')
  })

  it('are not sent if the bus refuses, and the file is then empty', ({ bench: { machine, bus } }) => {
    bus.uevent = () => -ENODEV
    run(machine, () => {
      driver_register(new_driver(bus, 'drv'))
      device_unregister(add_device(bus, 'dev0'))
      add_device(bus, 'dev1')
    })
    expect(machine.read('/sys/devices/dev1/uevent')).toBe('')
    expect(uevents(machine)).toEqual(['add test', 'add drv'])
  })

  it('are retried at the release if the bus refused the remove of an announced device', () => {
    const { machine, bus } = bootWithBus()
    const built: number[] = []
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      bus.uevent = (removed) => {
        built.push(removed.kobj.kref.refcount.refs)
        return -ENODEV
      }
      device_unregister(dev)
    })
    expect(built).toHaveLength(2)
    expect(built.at(-1)).toBe(0)
    expect(uevents(machine)).toEqual(['add test', 'add dev0'])
  })

  it('are not retried if the remove was sent', ({ bench: { machine, bus } }) => {
    let built = 0
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      bus.uevent = () => {
        built++
        return 0
      }
      device_unregister(dev)
    })
    expect(built).toBe(1)
  })
})

describe('dev_err, dev_warn and dev_info', () => {
  it('name the driver, or the bus if there is no driver, and the device', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = new_device(bus, 'ibm,compression-v1')
      dev_err(dev, 'error %d\n', 1)
      dev.driver = new device_driver('nx_compress_pseries', bus)
      dev_warn(dev, 'warning\n')
      dev_info(dev, 'info\n')
      dev_crit(new device(), 'nameless\n')
    })
    expect(eventsOf(machine, 'printk').map(({ level, text }) => [level, text])).toEqual([
      [3, 'test ibm,compression-v1: error 1'],
      [4, 'nx_compress_pseries ibm,compression-v1: warning'],
      [6, 'nx_compress_pseries ibm,compression-v1: info'],
      [2, ' : nameless'],
    ])
  })
})

describe('files of a device', () => {
  it('are removed with its directory, even without explicit removal', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      sysfs_create_file(dev.kobj, 'extra', () => 'x')
      device_unregister(dev)
    })
    expect(eventsOf(machine, 'sysfs.remove').map((event) => event.path)).toContain('/devices/dev0/extra')
  })

  it('may include kobjects, which are removed as well', ({ bench: { machine, bus } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      kobject_create_and_add('power', dev.kobj)
      device_del(dev)
    })
    expect(machine.readdir('/sys/devices')).toEqual([])
  })
})
