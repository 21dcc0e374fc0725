// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import * as notifierModule from '../src/drivers/base/bus-notifier.ts'
import {
  bus_register_notifier,
  bus_unregister_notifier,
  device_unregister,
  driver_register,
  EIO,
  ENOENT,
  notifier_block,
  NOTIFY_OK,
  type device,
} from '../src/index.ts'
import { run } from '../src/testing.ts'
import { add_device, bootWithBus, nameOf, new_driver, type TestBus } from './bus-support.ts'

/** Names of the events, by number. */
const events = new Map(Object.entries(notifierModule).map(([name, value]) => [value, name]))

describe('a bus notifier', () => {
  function bootListening(): TestBus & { readonly nb: notifier_block<device> } {
    const bench = bootWithBus()
    const nb = new notifier_block<device>((_nb, action, dev) => {
      bench.log.push(`${String(events.get(action))} ${nameOf(dev)}`)
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
      'BUS_NOTIFY_ADD_DEVICE dev0',
      'BUS_NOTIFY_BIND_DRIVER dev0',
      'probe drv dev0',
      'BUS_NOTIFY_BOUND_DRIVER dev0',
      'BUS_NOTIFY_DEL_DEVICE dev0',
      'BUS_NOTIFY_UNBIND_DRIVER dev0',
      'remove drv dev0',
      'BUS_NOTIFY_UNBOUND_DRIVER dev0',
      'BUS_NOTIFY_REMOVED_DEVICE dev0',
    ])
  })

  it('is called for a failed probe', () => {
    const bench = bootListening()
    bench.probe = () => -EIO
    run(bench.machine, () => {
      driver_register(new_driver(bench.bus, 'drv'))
      add_device(bench.bus, 'dev0')
    })
    expect(bench.log).toEqual([
      'BUS_NOTIFY_ADD_DEVICE dev0',
      'BUS_NOTIFY_BIND_DRIVER dev0',
      'probe drv dev0',
      'BUS_NOTIFY_DRIVER_NOT_BOUND dev0',
    ])
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
