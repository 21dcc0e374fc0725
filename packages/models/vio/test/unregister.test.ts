// SPDX-License-Identifier: GPL-2.0-only
import { isFreed, kernfsPath, put_device } from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get } from '@pfo-workbench/of'
import { callers, detachNode, must, nodeAt, RANDOM, refcountOf, run } from '@pfo-workbench/testing'
import { describe, expect, it } from 'vitest'
import { vio_find_name, vio_register_device_node, vio_unregister_device } from '../src/index.ts'
import { boot, facilities } from './support.ts'

describe('vio_unregister_device', () => {
  it('releases a device without other references immediately, with the reference on its node', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const np = nodeAt(RANDOM)
      const viodev = must(vio_find_name('ibm,random-v1'))
      put_device(viodev.dev)
      vio_unregister_device(viodev)
      expect(refcountOf(np)).toBe(1)
      expect(isFreed(viodev)).toBe(true)
    })
    const release = machine.events.findLast((event) => event.type === 'ref.put')
    expect(callers(release)).toEqual([
      'vio_dev_release',
      'device_release',
      'put_device',
      'device_unregister',
      'vio_unregister_device',
    ])
    expect(machine.readdir('/sys/devices/vio')).not.toContain('ibm,random-v1')
    expect(machine.readdir('/sys/bus/vio/devices')).not.toContain('ibm,random-v1')
  })

  it('reads the family of the freed device unless the caller holds a reference', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const viodev = must(vio_find_name('ibm,random-v1'))
      put_device(viodev.dev)
      vio_unregister_device(viodev)
    })
    const faults = machine.events.filter((event) => event.type === 'use-after-free')
    expect(faults.map((event) => [event.struct, event.field, event.access, callers(event)[0]])).toEqual([
      ['vio_dev', 'family', 'read', 'vio_unregister_device'],
    ])
  })

  it('keeps device and node while another owner holds the device', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const np = nodeAt(RANDOM)
      const viodev = must(vio_find_name('ibm,random-v1'))
      vio_unregister_device(viodev)
      expect(isFreed(viodev)).toBe(false)
      expect(refcountOf(np)).toBe(2)
      put_device(viodev.dev)
      expect(isFreed(viodev)).toBe(true)
      expect(refcountOf(np)).toBe(1)
    })
    expect(machine.events.filter((event) => event.type === 'use-after-free')).toEqual([])
  })

  it('allows a new device of the same name', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const np = nodeAt(RANDOM)
      for (let i = 0; i < 3; i++) {
        const viodev = must(vio_find_name('ibm,random-v1'))
        vio_unregister_device(viodev)
        put_device(viodev.dev)
        expect(vio_register_device_node(np)).not.toBeNull()
        expect(refcountOf(np)).toBe(2)
      }
    })
  })
})

describe('a node that is detached while its device exists', () => {
  it('stays allocated while the device holds it', () => {
    const machine = boot(facilities, { dynamic: true })
    run(machine, () => {
      const np = nodeAt(RANDOM)
      detachNode(np)
      expect(refcountOf(np)).toBe(1)
      expect(isFreed(np)).toBe(false)
    })
    expect(machine.read('/sys/devices/vio/ibm,random-v1/name')).toBe('ibm,random-v1\n')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/devspec')).toBe(`${RANDOM}\n`)
  })

  it('is freed with the device', () => {
    const machine = boot(facilities, { dynamic: true })
    run(machine, () => {
      const np = nodeAt(RANDOM)
      detachNode(np)
      const viodev = must(vio_find_name('ibm,random-v1'))
      vio_unregister_device(viodev)
      put_device(viodev.dev)
      expect(isFreed(np)).toBe(true)
    })
  })

  it('is no longer in sysfs, but the device is', () => {
    const machine = boot(facilities)
    const sd = run(machine, () => {
      of_node_get(nodeAt(RANDOM))
      of_detach_node(nodeAt(RANDOM))
      return vio_find_name('ibm,random-v1')?.dev.kobj.sd ?? null
    })
    expect(sd === null ? null : kernfsPath(sd)).toBe('/devices/vio/ibm,random-v1')
    expect(machine.read('/sys/devices/vio/ibm,random-v1/of_node/name')).toBe(-2)
  })
})
