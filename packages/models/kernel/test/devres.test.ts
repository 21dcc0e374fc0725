// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  devm_add_action,
  devm_kzalloc,
  device_unregister,
  driver_register,
  driver_unregister,
  EIO,
  ENOMEM,
  injectAllocationFailures,
  isFreed,
} from '../src/index.ts'
import { must, run } from '../src/testing.ts'
import { add_device, bootWithBus, it, new_driver } from './bus-support.ts'
import { thing } from './support.ts'

describe('a managed resource', () => {
  it('is released after remove, in reverse order', ({ bench }) => {
    const { machine, bus, log } = bench
    bench.probe = (dev) => {
      for (const name of ['first', 'second', 'third']) devm_add_action(dev, () => log.push(`undo ${name}`))
      return 0
    }
    run(machine, () => {
      const drv = new_driver(bus, 'drv')
      add_device(bus, 'dev0')
      driver_register(drv)
      driver_unregister(drv)
    })
    expect(log).toEqual(['probe drv dev0', 'remove drv dev0', 'undo third', 'undo second', 'undo first'])
  })

  it('is released if the probe fails, and not again for the next driver', ({ bench }) => {
    const { machine, bus, log } = bench
    bench.probe = (dev) => {
      devm_add_action(dev, () => log.push(`undo ${String(dev.driver?.name)}`))
      return dev.driver?.name === 'bad' ? -EIO : 0
    }
    run(machine, () => {
      for (const name of ['bad', 'good']) driver_register(new_driver(bus, name))
      add_device(bus, 'dev0')
    })
    expect(log).toEqual(['probe bad dev0', 'undo bad', 'probe good dev0'])
  })

  it('is released with a device that was never bound', ({ bench: { machine, bus, log } }) => {
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      devm_add_action(dev, () => log.push('undo'))
      device_unregister(dev)
    })
    expect(log).toEqual(['undo'])
  })

  it('may be memory, which lives as long as the driver is bound', ({ bench }) => {
    const { machine, bus } = bench
    const memory: thing[] = []
    bench.probe = (dev) => {
      memory.push(must(devm_kzalloc(dev, thing)))
      return 0
    }
    run(machine, () => {
      const drv = new_driver(bus, 'drv')
      add_device(bus, 'dev0')
      driver_register(drv)
      expect(memory.map(isFreed)).toEqual([false])
      driver_unregister(drv)
      expect(memory.map(isFreed)).toEqual([true])
    })
  })

  it('needs memory of its own: if memory is short, nothing is registered and nothing leaks', () => {
    const { machine, bus } = bootWithBus()
    run(machine, () => {
      const dev = add_device(bus, 'dev0')
      const isDevres = (struct: string): boolean => struct === 'devres'
      injectAllocationFailures(isDevres)
      expect(devm_add_action(dev, () => undefined)).toBe(-ENOMEM)
      expect(devm_kzalloc(dev, thing)).toBeNull()
      injectAllocationFailures(() => true)
      expect(devm_kzalloc(dev, thing)).toBeNull()
    })
    const alive = machine.events.reduce((count, event) => {
      if (event.type === 'alloc' && event.struct === 'thing') return count + 1
      return event.type === 'free' && event.struct === 'thing' ? count - 1 : count
    }, 0)
    expect(alive).toBe(0)
  })
})
