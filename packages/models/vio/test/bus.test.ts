// SPDX-License-Identifier: GPL-2.0-only
import { ENODEV, memset, put_device, type device, type Machine } from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get, of_node_put } from '@pfo-workbench/of'
import {
  callers,
  COMPRESSION,
  consoleOf,
  detachNode,
  nodeAt,
  RANDOM,
  refcountOf,
  run,
} from '@pfo-workbench/testing'
import { describe, expect, it } from 'vitest'
import {
  vio_driver,
  vio_find_name,
  vio_register_driver,
  vio_unregister_device,
  vio_unregister_driver,
  vioDevicesSnapshot,
  type vio_dev,
  type vio_device_id,
  type VioDriverInit,
} from '../src/index.ts'
import { boot, facilities } from './support.ts'

const random: vio_device_id = { type: 'ibm,random-v1', compat: 'ibm,random' }
const compression: vio_device_id = { type: 'ibm,compression-v1', compat: 'ibm,compression' }

function probe_ok(): number {
  return 0
}
function remove_ok(): number {
  return 0
}

function driver(init: Partial<VioDriverInit> = {}): vio_driver {
  return new vio_driver({ name: 'test', id_table: [random], probe: probe_ok, remove: remove_ok, ...init })
}

/** The devices that are bound to a driver. */
function boundTo(machine: Machine, name: string): string[] {
  const devices = machine.inspect(vioDevicesSnapshot)
  return devices.filter((one) => one.driver === name).map((one) => one.device)
}

const driversDirectory = '/sys/bus/vio/drivers'

describe('matching', () => {
  function matched(ids: readonly vio_device_id[]): string[] {
    const machine = boot(facilities)
    run(machine, () => vio_register_driver(driver({ id_table: ids })))
    return boundTo(machine, 'test')
  }

  it('requires both the type and an entry of "compatible"', () => {
    expect(matched([random])).toEqual(['ibm,random-v1'])
    expect(matched([{ ...random, compat: 'ibm,compression' }])).toEqual([])
    expect(matched([{ ...random, type: 'ibm,compression-v1' }])).toEqual([])
  })

  it('ends at an entry with an empty type', () => {
    expect(matched([compression, { ...random, type: '' }, random])).toEqual(['ibm,compression-v1'])
  })

  it('treats the type in the table as a case-sensitive prefix', () => {
    expect(matched([{ ...random, type: 'ibm,ran' }])).toEqual(['ibm,random-v1'])
    expect(matched([{ ...random, type: 'ibm,random-v1x' }])).toEqual([])
    expect(matched([{ ...random, type: 'IBM,random-v1' }])).toEqual([])
  })

  it('compares "compatible" ignoring case', () => {
    expect(matched([{ ...random, compat: 'IBM,Random' }])).toEqual(['ibm,random-v1'])
  })

  it('tries all table entries', () => {
    expect(matched([compression, random])).toEqual(['ibm,random-v1', 'ibm,compression-v1'])
  })

  it('binds no device to a driver without a table', () => {
    const machine = boot(facilities)
    run(machine, () => {
      expect(vio_register_driver(new vio_driver({ name: 'bare' }))).toBe(0)
    })
    expect(machine.readdir(driversDirectory)).toEqual(['bare'])
    expect(boundTo(machine, 'bare')).toEqual([])
  })

  it('never matches a device whose name was wiped, because its type points to the same bytes', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const { name } = nodeAt(RANDOM)
      if (name !== null) memset(name, 0, 13)
      vio_register_driver(driver({ id_table: [random, compression] }))
    })
    expect(boundTo(machine, 'test')).toEqual(['ibm,compression-v1'])
    expect(machine.read('/sys/devices/vio/ibm,random-v1/name')).toBe('\n')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/modalias')).toBe('vio:TSibm,random\n')
  })

  it('still matches a device whose node is detached', () => {
    const machine = boot(facilities)
    run(machine, () => {
      of_node_get(nodeAt(RANDOM))
      of_detach_node(nodeAt(RANDOM))
      vio_register_driver(driver())
    })
    expect(boundTo(machine, 'test')).toEqual(['ibm,random-v1'])
  })
})

describe('vio_register_driver', () => {
  it('rejects a name that is in use', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      expect(vio_register_driver(driver())).toBe(0)
      expect(vio_register_driver(driver())).toBe(-16)
    })
    expect(lines).toEqual(["Error: Driver 'test' is already registered, aborting..."])
  })

  it('passes the device and the matching entry to probe', () => {
    const machine = boot(facilities)
    const seen: [string | undefined, vio_device_id][] = []
    function probe_and_look(viodev: vio_dev, id: vio_device_id): number {
      seen.push([viodev.dev.driver?.name, id])
      return 0
    }
    run(machine, () =>
      vio_register_driver(driver({ id_table: [compression, random], probe: probe_and_look })),
    )
    expect(seen).toEqual([
      ['test', random],
      ['test', compression],
    ])
  })

  it('takes no reference on the node or the device', () => {
    const machine = boot(facilities)
    run(machine, () => {
      vio_register_driver(driver())
      expect(refcountOf(nodeAt(RANDOM))).toBe(2)
    })
    expect(machine.inspect(vioDevicesSnapshot)[0]).toMatchObject({ refcount: 3, driver: 'test' })
  })

  it('succeeds even if every probe fails; the device stays unbound', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      expect(vio_register_driver(driver({ probe: () => -22 }))).toBe(0)
    })
    expect(lines).toEqual(['test: probe of ibm,random-v1 failed with error -22'])
    expect(machine.inspect(vioDevicesSnapshot)[0]?.driver).toBeNull()
    expect(machine.readlink('/sys/devices/vio/ibm,random-v1/driver')).toBe(-2)
  })

  it('treats a driver without probe as -ENODEV, without a message', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      vio_register_driver(new vio_driver({ name: 'lame', id_table: [random] }))
    })
    expect(lines).toEqual([])
    const failed = machine.events.find((event) => event.type === 'driver.probe-failed')
    expect(failed?.error).toBe(-ENODEV)
  })

  it('skips a bound device', () => {
    const machine = boot(facilities)
    run(machine, () => {
      vio_register_driver(driver({ name: 'first' }))
      vio_register_driver(driver({ name: 'second' }))
    })
    expect(machine.readdir(driversDirectory)).toEqual(['first', 'second'])
    expect(boundTo(machine, 'first')).toEqual(['ibm,random-v1'])
    expect(boundTo(machine, 'second')).toEqual([])
  })
})

describe('vio_unregister_driver', () => {
  it('unbinds its devices, the last bound first', () => {
    const machine = boot(facilities)
    const removed: (string | null)[] = []
    function remove_and_note(viodev: vio_dev): number {
      removed.push(
        machine.inspect(
          () => vioDevicesSnapshot().find((one) => one.object === viodev.slab?.id)?.device ?? null,
        ),
      )
      return 0
    }
    run(machine, () => {
      const drv = driver({ id_table: [random, compression], remove: remove_and_note })
      vio_register_driver(drv)
      vio_unregister_driver(drv)
      expect(vio_register_driver(drv)).toBe(0)
    })
    expect(removed).toEqual(['ibm,compression-v1', 'ibm,random-v1'])
  })

  it("ignores the result of the driver's remove", () => {
    const machine = boot(facilities)
    run(machine, () => {
      const drv = driver({ remove: () => -16 })
      vio_register_driver(drv)
      vio_unregister_driver(drv)
    })
    expect(machine.inspect(vioDevicesSnapshot)[0]?.driver).toBeNull()
    expect(machine.readdir(driversDirectory)).toEqual([])
  })

  it("holds a reference on the device while the driver's remove runs", () => {
    const machine = boot(facilities)
    const counts: number[] = []
    function remove_and_count(viodev: vio_dev): number {
      counts.push(viodev.dev.kobj.kref.refcount.refs)
      return 0
    }
    run(machine, () => {
      const drv = driver({ remove: remove_and_count })
      vio_register_driver(drv)
      vio_unregister_driver(drv)
      vio_register_driver(drv)
      const viodev = vio_find_name('ibm,random-v1')
      if (viodev === null) throw new Error('no device')
      put_device(viodev.dev)
      vio_unregister_device(viodev)
    })
    // 3 when idle, +1 by vio_bus_remove. driver_detach holds one more; during unregistration the lists have already
    // dropped theirs.
    expect(counts).toEqual([5, 2])
  })

  it("calls the driver's remove from vio_bus_remove", () => {
    const machine = boot(facilities)
    function remove_and_print(viodev: vio_dev): number {
      put_device(viodev.dev)
      return 0
    }
    run(machine, () => {
      const drv = driver({ remove: remove_and_print })
      vio_register_driver(drv)
      vio_unregister_driver(drv)
    })
    const puts = machine.events.filter((event) => event.type === 'ref.put')
    const chain = puts.map(callers).find((one) => one.includes('remove_and_print')) ?? []
    expect(chain[chain.indexOf('remove_and_print') + 1]).toBe('vio_bus_remove')
    expect(chain).toContain('vio_unregister_driver')
  })
})

describe('the files of a device', () => {
  it('show name, path and module alias', () => {
    const machine = boot(facilities)
    const dir = '/sys/devices/vio/ibm,compression-v1'
    expect(machine.read(`${dir}/name`)).toBe('ibm,compression-v1\n')
    expect(machine.read(`${dir}/devspec`)).toBe(`${COMPRESSION}\n`)
    expect(machine.read(`${dir}/modalias`)).toBe('vio:Tibm,compression-v1Sibm,compression\n')
  })

  it('are exactly these', () => {
    const machine = boot(facilities)
    run(machine, () => vio_register_driver(driver()))
    const names = ['devspec', 'modalias', 'name', 'of_node', 'subsystem', 'uevent']
    expect(machine.readdir('/sys/devices/vio/ibm,compression-v1')).toEqual(names)
    expect(machine.readdir('/sys/devices/vio/ibm,random-v1')).toEqual([...names, 'driver'].sort())
  })

  it('show only the first string of "compatible"', () => {
    const machine = boot({ ...facilities, [RANDOM]: { name: 'ibm,random-v1', compatible: 'a,b\0c,d' } })
    expect(machine.read('/sys/devices/vio/ibm,random-v1/modalias')).toBe('vio:Tibm,random-v1Sa,b\n')
  })

  it('have an empty module alias and no udev variables if the node has no "compatible"', () => {
    const machine = boot({ ...facilities, [RANDOM]: { name: 'ibm,random-v1' } })
    expect(machine.read('/sys/devices/vio/ibm,random-v1/modalias')).toBe('\n')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/uevent')).toBe('')
    const told = machine.events.filter((event) => event.type === 'uevent').map((event) => event.device)
    expect(told).not.toContain('ibm,random-v1')
    expect(told).toContain('ibm,compression-v1')
  })

  it('end the udev variables with the module alias', () => {
    const machine = boot(facilities)
    expect(machine.read('/sys/devices/vio/ibm,random-v1/uevent')).toBe(
      [
        'OF_NAME=ibm,random-v1',
        'OF_FULLNAME=/ibm,platform-facilities/ibm,random-v1',
        'OF_COMPATIBLE_0=ibm,random',
        'OF_COMPATIBLE_N=1',
        'MODALIAS=vio:Tibm,random-v1Sibm,random',
        '',
      ].join('\n'),
    )
  })

  it("show the current bytes of the node's property", () => {
    const machine = boot(facilities)
    run(machine, () => {
      const { name } = nodeAt(RANDOM)
      if (name !== null) memset(name, 'X'.charCodeAt(0), 3)
    })
    expect(machine.read('/sys/devices/vio/ibm,random-v1/name')).toBe('XXX,random-v1\n')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/modalias')).toBe('vio:TXXX,random-v1Sibm,random\n')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/devspec')).toBe(`${RANDOM}\n`)
  })

  it('read freed memory if the node was freed while its device exists', () => {
    const machine = boot(facilities, { dynamic: true })
    run(machine, () => {
      const np = nodeAt(RANDOM)
      detachNode(np)
      // One extra put: it drops the device's reference.
      of_node_put(np)
    })
    expect(machine.events.filter((event) => event.type === 'use-after-free')).toEqual([])
    machine.read('/sys/devices/vio/ibm,random-v1/name')
    const faults = machine.events.filter((event) => event.type === 'use-after-free')
    expect(faults.map((event) => [event.struct, callers(event).includes('name_show')])).toEqual([
      ['bytes', true],
    ])
    expect(machine.outcome).toBe('completed')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/modalias')).toBeNull()
    expect(machine.outcome).toBe('oops')
    const oops = machine.events.find((event) => event.type === 'oops')
    expect(callers(oops)).toContain('modalias_show')
    expect(oops?.held).toContain('devtree_lock')
  })

  it.each(['modalias', 'devspec', 'uevent'])(
    'kill the task that reads %s of a node that was freed while its device exists',
    (file) => {
      const machine = boot(facilities, { dynamic: true })
      run(machine, () => {
        const np = nodeAt(RANDOM)
        detachNode(np)
        of_node_put(np)
      })
      expect(machine.read(`/sys/devices/vio/ibm,random-v1/${file}`)).toBeNull()
      expect(machine.outcome).toBe('oops')
      const oops = machine.events.find((event) => event.type === 'oops')
      expect(callers(oops)).toContain(`${file}_show`)
    },
  )
})

describe('the fake parent', () => {
  it('is a device on the bus without a node', () => {
    const machine = boot(facilities)
    expect(machine.readdir('/sys/bus/vio/devices')).toContain('vio')
    expect(machine.read('/sys/devices/vio/name')).toBe('vio\n')
    expect(machine.read('/sys/devices/vio/devspec')).toBe('(null)\n')
    expect(machine.read('/sys/devices/vio/modalias')).toBe('\n')
    expect(machine.read('/sys/devices/vio/uevent')).toBe('')
  })

  it('holds one reference per child, dropped with the child', () => {
    const machine = boot(facilities)
    const parent = run(machine, () => {
      const viodev = vio_find_name('vio')
      put_device(viodev?.dev ?? null)
      return viodev
    })
    const refs = (dev: device | undefined): number | undefined => dev?.kobj.kref.refcount.refs
    // The registration, the list of the bus, and two for each child: as a device and as a directory.
    expect(refs(parent?.dev)).toBe(2 + 3 * 2)
    run(machine, () => {
      const viodev = vio_find_name('ibm,random-v1')
      if (viodev === null) throw new Error('no device')
      vio_unregister_device(viodev)
      put_device(viodev.dev)
    })
    expect(refs(parent?.dev)).toBe(2 + 2 * 2)
  })
})

describe('a partition with memory overcommitment', () => {
  it('gives each device four more files, all 0', () => {
    const machine = boot(facilities, { config: { cmo: true } })
    for (const name of ['entitled', 'allocated', 'desired', 'allocs_failed']) {
      expect(machine.read(`/sys/devices/vio/ibm,random-v1/cmo_${name}`)).toBe('0\n')
    }
  })

  it('never asks the driver of a PFO device how much memory it wants', () => {
    const machine = boot(facilities, { config: { cmo: true } })
    let asked = 0
    function desired_dma(): number {
      return ++asked
    }
    run(machine, () => vio_register_driver(driver({ get_desired_dma: desired_dma })))
    expect(asked).toBe(0)
    expect(machine.inspect(vioDevicesSnapshot)[0]?.driver).toBe('test')
  })
})
