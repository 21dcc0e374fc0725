// SPDX-License-Identifier: GPL-2.0-only
import {
  currentRng,
  device_attach,
  device_release_driver,
  hwrng,
  hwrng_register,
  put_device,
  type device,
  type Machine,
} from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get, of_node_put } from '@pfo-workbench/of'
import { to_vio_dev, to_vio_driver, vio_driver, vio_find_name, vio_register_driver } from '@pfo-workbench/vio'
import { callers, FACILITIES, must, nodeAt, RANDOM, refcountOf, run } from '@pfo-workbench/testing'
import { driverOf } from '@pfo-workbench/vio/testing'
import { describe, expect, it } from 'vitest'
import { boot, facilities } from './support.ts'

const greeting = 'pseries_rng: Registering IBM pSeries RNG driver'

function rngOf(machine: Machine): string | null {
  return run(machine, currentRng)
}

/** The random device, without a reference. */
function randomDevice(): device {
  const viodev = must(vio_find_name('ibm,random-v1'))
  put_device(viodev.dev)
  return viodev.dev
}

describe('pseries_rng', () => {
  it('prints that it registers, binds the device and registers a generator', () => {
    const machine = boot(facilities)
    expect(machine.insmod('pseries_rng')).toBe(0)
    expect(machine.console).toEqual([greeting])
    expect(driverOf(machine)).toBe('pseries_rng')
    expect(rngOf(machine)).toBe('pseries_rng')
  })

  it('takes no reference at all', () => {
    const machine = boot(facilities)
    const before = run(machine, () => [refcountOf(nodeAt(RANDOM)), randomDevice().kobj.kref.refcount.refs])
    machine.insmod('pseries_rng')
    const after = run(machine, () => [refcountOf(nodeAt(RANDOM)), randomDevice().kobj.kref.refcount.refs])
    expect(after).toEqual(before)
    const node = run(machine, () => nodeAt(RANDOM).slab?.id)
    const touching = machine.events.filter(
      (event) =>
        event.type === 'ref.get' && event.object === node && callers(event).includes('pseries_rng_probe'),
    )
    expect(touching).toEqual([])
  })

  it('wants no DMA memory if the bus asks', () => {
    const machine = boot(facilities)
    machine.insmod('pseries_rng')
    const desired = run(machine, () => {
      const dev = randomDevice()
      return to_vio_driver(must(dev.driver)).get_desired_dma?.(to_vio_dev(dev))
    })
    expect(desired).toBe(0)
  })

  it('unregisters the generator when unloaded', () => {
    const machine = boot(facilities)
    machine.insmod('pseries_rng')
    expect(machine.rmmod('pseries_rng')).toBe(0)
    expect(driverOf(machine)).toBeNull()
    expect(rngOf(machine)).toBeNull()
  })

  it('can be bound again any number of times', () => {
    const machine = boot(facilities)
    machine.insmod('pseries_rng')
    for (let i = 0; i < 4; i++) {
      run(machine, () => {
        device_release_driver(randomDevice())
      })
      expect(rngOf(machine)).toBeNull()
      run(machine, () => {
        device_attach(randomDevice())
      })
      expect(rngOf(machine)).toBe('pseries_rng')
    }
    expect(run(machine, () => refcountOf(nodeAt(RANDOM)))).toBe(2)
  })

  it('also loads without a device', () => {
    const machine = boot({ [FACILITIES]: facilities[FACILITIES] ?? {} })
    expect(machine.insmod('pseries_rng')).toBe(0)
    expect(rngOf(machine)).toBeNull()
  })

  it('fails to probe if a generator of its name is registered', () => {
    const machine = boot(facilities)
    run(machine, () => hwrng_register(new hwrng('pseries_rng')))
    expect(machine.insmod('pseries_rng')).toBe(0)
    expect(machine.console).toEqual([greeting, 'pseries_rng: probe of ibm,random-v1 failed with error -17'])
    expect(driverOf(machine)).toBeNull()
  })

  it('leaves an earlier generator as the current one', () => {
    const machine = boot(facilities)
    run(machine, () => hwrng_register(new hwrng('tpm-rng')))
    machine.insmod('pseries_rng')
    expect(rngOf(machine)).toBe('tpm-rng')
    machine.rmmod('pseries_rng')
    expect(rngOf(machine)).toBe('tpm-rng')
  })

  it('does not load if a driver of its name is registered', () => {
    const machine = boot(facilities)
    run(machine, () => vio_register_driver(new vio_driver({ name: 'pseries_rng' })))
    expect(machine.insmod('pseries_rng')).toBe(-16)
    expect(machine.console.at(-1)).toBe("Error: Driver 'pseries_rng' is already registered, aborting...")
  })

  it('is bound again to a device whose node is detached, and still works', () => {
    const machine = boot(facilities)
    machine.insmod('pseries_rng')
    run(machine, () => {
      const np = of_node_get(nodeAt(RANDOM))
      of_detach_node(np)
      of_node_put(np)
    })
    expect(rngOf(machine)).toBe('pseries_rng')
    machine.rmmod('pseries_rng')
    machine.insmod('pseries_rng')
    expect(driverOf(machine)).toBe('pseries_rng')
    expect(rngOf(machine)).toBe('pseries_rng')
  })
})
