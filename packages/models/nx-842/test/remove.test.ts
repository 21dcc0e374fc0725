// SPDX-License-Identifier: GPL-2.0-only
import {
  crypto_alloc_tfm,
  EAGAIN,
  device_attach,
  device_release_driver,
  notifier_block,
  put_device,
  registeredAlgorithms,
} from '@pfo-workbench/kernel'
import {
  of_detach_node,
  of_node_get,
  of_node_put,
  of_reconfig_notifier_register,
  type of_reconfig_data,
} from '@pfo-workbench/of'
import { vio_find_name, vio_register_device_node, vio_unregister_device } from '@pfo-workbench/vio'
import {
  addNode,
  callers,
  COMPRESSION,
  FACILITIES,
  must,
  nodeAt,
  refcountOf,
  run,
  runToDeath,
} from '@pfo-workbench/testing'
import { driverOf } from '@pfo-workbench/vio/testing'
import { describe, expect, it } from 'vitest'
import { nx842State } from '../src/index.ts'
import { boot, compression, compressionDevice, facilities, MODULE, withCompression } from './support.ts'

describe('nx842_remove', () => {
  it('takes a sleeping lock under its spinlock with interrupts off', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const lines = machine.console.length
    machine.rmmod(MODULE)
    expect(machine.console.slice(lines, lines + 3)).toEqual([
      'Removing IBM Power 842 compression device',
      'BUG: sleeping function called from invalid context at kernel/locking/rwsem.c:69',
      expect.stringMatching(/^in_atomic\(\): 1, irqs_disabled\(\): 1, pid: \d+, name: rmmod$/),
    ])
    expect(machine.console.join('\n')).toMatch(/#1: \(devdata_mutex\), at: nx842_remove/)
    const report = machine.events.find((event) => event.type === 'lock.report')
    expect(report).toMatchObject({ report: 'sleep-in-atomic' })
    expect(callers(report)).toEqual(
      expect.arrayContaining([
        'nx842_remove',
        'vio_bus_remove',
        'vio_unregister_driver',
        'nx842_pseries_exit',
      ]),
    )
    expect(machine.outcome).toBe('completed')
  })

  it('allows the device to be bound again', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    for (let i = 0; i < 3; i++) {
      run(machine, () => {
        device_release_driver(compressionDevice())
      })
      expect(driverOf(machine)).toBeNull()
      expect(run(machine, registeredAlgorithms)).toEqual([])
      run(machine, () => {
        device_attach(compressionDevice())
      })
      expect(driverOf(machine)).toBe(MODULE)
    }
    expect(run(machine, () => refcountOf(nodeAt(COMPRESSION)))).toBe(3)
  })

  it('by unloading the module is rejected while a transform is in use', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    run(machine, () => crypto_alloc_tfm('842-nx'))
    expect(machine.rmmod(MODULE)).toBe(-EAGAIN)
    expect(machine.outcome).toBe('completed')
  })

  it('is a BUG while a transform is in use', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const outcome = runToDeath(machine, () => {
      crypto_alloc_tfm('842-nx')
      device_release_driver(compressionDevice())
    })
    expect(outcome).toBe('oops')
    expect(machine.console.join('\n')).toContain('kernel BUG at crypto/algapi.c')
  })

  it('deadlocks if called from a callback of the chain that it leaves', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    function unregister_on_detach(_nb: unknown, _action: number, rd: of_reconfig_data): number {
      const viodev = must(vio_find_name('ibm,compression-v1'))
      expect(viodev.dev.of_node).toBe(rd.dn)
      vio_unregister_device(viodev)
      return 1
    }
    const outcome = runToDeath(machine, () => {
      of_reconfig_notifier_register(new notifier_block(unregister_on_detach))
      const np = of_node_get(nodeAt(COMPRESSION))
      of_detach_node(np)
      of_node_put(np)
    })
    expect(outcome).toBe('deadlock')
    const hang = machine.events.find((event) => event.type === 'hang')
    expect(hang).toMatchObject({
      lock: '(of_reconfig_chain).rwsem',
      holder: 'its own call chain',
      held: ['(of_reconfig_chain).rwsem', '&dev->mutex', 'devdata_mutex'],
    })
    expect(callers(hang)).toEqual(expect.arrayContaining(['nx842_remove', 'unregister_on_detach']))
    const reports = machine.events
      .filter((event) => event.type === 'lock.report')
      .map((event) => event.report)
    expect(reports).toEqual(['sleep-in-atomic', 'recursive-locking', 'scheduling-while-atomic'])
  })

  it('has a counterpart: a probe in a callback of that chain deadlocks too', () => {
    const machine = boot({ [FACILITIES]: facilities[FACILITIES] ?? {}, '/other': compression })
    machine.insmod(MODULE)
    function register_on_attach(_nb: unknown, _action: number, rd: of_reconfig_data): number {
      vio_register_device_node(rd.dn)
      return 1
    }
    const outcome = runToDeath(machine, () => {
      of_reconfig_notifier_register(new notifier_block(register_on_attach))
      addNode(COMPRESSION, compression, { dynamic: true })
    })
    expect(outcome).toBe('deadlock')
    const hang = machine.events.find((event) => event.type === 'hang')
    expect(callers(hang)).toEqual(expect.arrayContaining(['nx842_probe', 'register_on_attach']))
  })
})

describe('unloading the module', () => {
  it('frees everything except the counters', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    machine.rmmod(MODULE)
    const count = (type: 'alloc' | 'free', struct: string): number =>
      machine.events.filter((event) => event.type === type && event.struct === struct).length
    expect(count('free', 'nx842_devdata')).toBe(count('alloc', 'nx842_devdata'))
    expect([count('alloc', 'ibm_nx842_counters'), count('free', 'ibm_nx842_counters')]).toEqual([1, 0])
    expect(run(machine, registeredAlgorithms)).toEqual([])
  })

  it('frees the counters too if the device was unbound before', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    run(machine, () => {
      device_release_driver(compressionDevice())
    })
    machine.rmmod(MODULE)
    const freed = machine.events.filter((event) => event.type === 'free').map((event) => event.struct)
    expect(freed.filter((struct) => struct === 'ibm_nx842_counters')).toHaveLength(1)
  })

  it('resets the constraints: the next load starts with those in its file', () => {
    const machine = boot(facilities)
    const constraint = (): number => run(machine, () => nx842State().nx842_pseries_constraints.maximum)
    machine.insmod(MODULE)
    expect(constraint()).toBe(4096)
    run(machine, () => {
      const viodev = must(vio_find_name('ibm,compression-v1'))
      vio_unregister_device(viodev)
      put_device(viodev.dev)
    })
    machine.rmmod(MODULE)
    machine.insmod(MODULE)
    expect(constraint()).toBe(65536)
  })

  it('after a failed probe unlinks an algorithm that was never in the list: an Oops with the list locked', () => {
    const machine = boot(withCompression({ status: 'disabled' }))
    machine.insmod(MODULE)
    expect(machine.rmmod(MODULE)).toBeNull()
    const [oops] = machine.events.filter((event) => event.type === 'oops')
    expect(oops).toMatchObject({
      function: 'crypto_remove_alg',
      held: expect.arrayContaining(['crypto_alg_sem']) as unknown,
    })
    expect(callers(oops)).toContain('nx842_pseries_exit')
  })
})
