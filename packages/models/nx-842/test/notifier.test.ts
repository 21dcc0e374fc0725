// SPDX-License-Identifier: GPL-2.0-only
import { memset, put_device } from '@pfo-workbench/kernel'
import {
  of_detach_node,
  of_find_property,
  of_node_get,
  of_node_put,
  of_remove_property,
} from '@pfo-workbench/of'
import { vio_find_name, vio_unregister_device } from '@pfo-workbench/vio'
import {
  addNode,
  callers,
  COMPRESSION,
  consoleOf,
  detachNode,
  FACILITIES,
  must,
  nodeAt,
  run,
  runToDeath,
  words,
} from '@pfo-workbench/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nx842_OF_upd, nx842Snapshot } from '../src/index.ts'
import { boot, compression, facilities, MODULE, syncCop, updateProperty, withCompression } from './support.ts'

const PREFIX = 'nx_compress_pseries ibm,compression-v1: nx842_OF_upd:'
const unchanged = [
  `${PREFIX} max_sync_size new:4096 old:4096`,
  `${PREFIX} max_sync_sg new:510 old:510`,
  `${PREFIX} max_sg_len new:4080 old:4080`,
]

describe('nx842_OF_notifier', () => {
  it.each([
    ['ibm,max-sg-len', words([0x800])],
    ['ibm,max-sync-cop', syncCop(0x2000, 3)],
    ['status', 'disabled'],
    ['ibm,other', 'x'],
  ])('is called for a changed %s, prints the limits and changes none', (name, value) => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const before = machine.inspect(nx842Snapshot)
    expect(
      consoleOf(machine, () => {
        updateProperty(COMPRESSION, name, value)
      }),
    ).toEqual(unchanged)
    expect(machine.inspect(nx842Snapshot)).toEqual(before)
  })

  it('applies no changed property, unless its value is empty', () => {
    const names = fc.oneof(
      fc.constantFrom('status', 'ibm,max-sg-len', 'ibm,max-sync-cop', 's', 'ibm,max-s', ''),
      fc.string({ maxLength: 20, unit: 'grapheme-ascii' }),
    )
    fc.assert(
      fc.property(names, fc.uint8Array({ minLength: 1, maxLength: 32 }), (name, value) => {
        const machine = boot(facilities, { callChains: false })
        machine.insmod(MODULE)
        const before = machine.inspect(nx842Snapshot)
        const lines = consoleOf(machine, () => {
          updateProperty(COMPRESSION, name, value)
        })
        // With a one-byte value, a name passes if its first letter is that of all three known names. There is no such
        // letter.
        expect(lines).toEqual(unchanged)
        expect(machine.inspect(nx842Snapshot)).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })

  it('rereads all limits after a change of any property to an empty value', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      updateProperty(COMPRESSION, 'ibm,max-sg-len', words([0x800]))
      updateProperty(COMPRESSION, 'ibm,whatever', new Uint8Array(0))
    })
    expect(lines.slice(3)).toEqual([
      `${PREFIX} max_sync_size new:4096 old:4096`,
      `${PREFIX} max_sync_sg new:510 old:510`,
      `${PREFIX} max_sg_len new:2048 old:4080`,
    ])
    expect(machine.inspect(nx842Snapshot)).toMatchObject({ maxSgLen: 0x800 })
  })

  it('reads the node of its own device if a node of the same name changes', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      of_node_get(nodeAt(COMPRESSION))
      of_detach_node(nodeAt(COMPRESSION))
      addNode(COMPRESSION, compression, { dynamic: true })
      updateProperty(COMPRESSION, 'ibm,max-sg-len', words([0x400]))
      updateProperty(COMPRESSION, 'status', new Uint8Array(0))
    })
    expect(lines).toEqual([...unchanged, ...unchanged])
  })

  it('ignores a node of another name', () => {
    const machine = boot({ ...facilities, [`${FACILITIES}/other`]: { name: 'other', compatible: 'x' } })
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      updateProperty(`${FACILITIES}/other`, 'status', 'okay')
    })
    expect(lines).toEqual([])
    const calls = machine.events.filter((event) => event.type === 'notifier.call')
    expect(calls.at(-1)).toMatchObject({ callback: 'nx842_OF_notifier', action: 5, result: 1 })
  })

  it('ignores attach, detach, added and removed properties', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      const np = addNode(`${FACILITIES}/ibm,compression-v1x`, compression, { dynamic: true })
      detachNode(np)
    })
    expect(lines).toEqual([])
  })

  it('never matches again after the name of its node is wiped', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      const old = of_node_get(nodeAt(COMPRESSION))
      of_detach_node(old)
      memset(must(old.name), 0, 'ibm,compression-v1'.length)
      addNode(COMPRESSION, compression, { dynamic: true })
      updateProperty(COMPRESSION, 'status', new Uint8Array(0))
    })
    expect(lines).toEqual([])
  })

  it('disables the device if its node has lost a property, and leaves it bound', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    const lines = consoleOf(machine, () => {
      of_remove_property(nodeAt(COMPRESSION), of_find_property(nodeAt(COMPRESSION), 'ibm,max-sync-cop'))
      updateProperty(COMPRESSION, 'ibm,other', 'x')
    })
    expect(lines).toEqual([
      'nx_compress_pseries ibm,compression-v1: nx842_OF_upd: Could not locate device properties',
      'nx_compress_pseries ibm,compression-v1: nx842_OF_upd: device disabled',
    ])
    expect(machine.inspect(nx842Snapshot)).toMatchObject({ maxSyncSize: 0, maxSgLen: 0, maxSyncSg: 0 })
  })

  it('reads a freed device if a failed probe left its devdata and the device is gone', () => {
    const machine = boot(withCompression({ status: 'disabled' }))
    machine.insmod(MODULE)
    run(machine, () => {
      const viodev = must(vio_find_name('ibm,compression-v1'))
      vio_unregister_device(viodev)
      put_device(viodev.dev)
    })
    expect(machine.events.filter((event) => event.type === 'use-after-free')).toEqual([])
    const outcome = runToDeath(machine, () => {
      updateProperty(COMPRESSION, 'status', 'okay')
    })
    expect(outcome).toBe('oops')
    const fault = machine.events.find((event) => event.type === 'use-after-free')
    expect(fault).toMatchObject({ struct: 'vio_dev', field: 'dev.of_node', access: 'read' })
    expect(callers(fault)[0]).toBe('nx842_OF_notifier')
  })

  it('reads a node that was freed while its device exists', () => {
    const machine = boot(facilities, { dynamic: true, config: { slubPoison: false } })
    machine.insmod(MODULE)
    run(machine, () => {
      const np = of_node_get(nodeAt(COMPRESSION))
      of_detach_node(np)
      of_node_put(np)
      // Drops the module's leaked reference, and then the device's reference. The second drop is the planted fault.
      of_node_put(np)
      of_node_put(np)
      addNode(COMPRESSION, compression, { dynamic: true })
      updateProperty(COMPRESSION, 'ibm,max-sg-len', words([1]))
    })
    const faults = machine.events.filter((event) => event.type === 'use-after-free')
    expect(faults.some((event) => callers(event).includes('nx842_OF_notifier'))).toBe(true)
    expect(faults.some((event) => callers(event).includes('nx842_OF_upd'))).toBe(true)
  })
})

describe('nx842_OF_upd', () => {
  it('logs an error if there is no device', () => {
    const machine = boot(facilities)
    const lines = consoleOf(machine, () => {
      expect(nx842_OF_upd(null)).toBe(-19)
    })
    expect(lines).toEqual(['nx842_OF_upd: device is not available'])
  })

  it('frees its memory in every case', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    run(machine, () => {
      for (let i = 0; i < 5; i++)
        updateProperty(COMPRESSION, 'status', i % 2 === 0 ? 'okay' : new Uint8Array(0))
    })
    const count = (type: 'alloc' | 'free'): number =>
      machine.events.filter((event) => event.type === type && event.struct === 'nx842_devdata').length
    expect(count('alloc') - count('free')).toBe(1)
  })

  it('takes its spinlock inside the chain, the reverse of the order in nx842_remove: lockdep reports it', () => {
    const machine = boot(facilities)
    machine.insmod(MODULE)
    machine.rmmod(MODULE)
    machine.insmod(MODULE)
    run(machine, () => {
      updateProperty(COMPRESSION, 'status', 'okay')
    })
    const report = machine.events.find(
      (event) => event.type === 'lock.report' && event.report === 'lock-order',
    )
    expect(report).toMatchObject({ lock: 'devdata_mutex', function: 'nx842_OF_upd' })
  })
})
