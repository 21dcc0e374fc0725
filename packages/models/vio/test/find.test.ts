// SPDX-License-Identifier: GPL-2.0-only
import { put_device, text } from '@pfo-workbench/kernel'
import { of_detach_node, of_node_get } from '@pfo-workbench/of'
import {
  addNode,
  COMPRESSION,
  FACILITIES,
  nodeAt,
  RANDOM,
  refcountOf,
  run,
  SYM_ENCRYPTION,
} from '@pfo-workbench/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { char_array, snprintf, vio_find_name, vio_find_node, vioDevicesSnapshot } from '../src/index.ts'
import { boot, facilities, facility, vdevices } from './support.ts'

describe('vio_find_name', () => {
  it('takes a reference on the device, which the caller drops', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const viodev = vio_find_name('ibm,random-v1')
      expect(viodev?.dev.kobj.kref.refcount.refs).toBe(4)
      put_device(viodev?.dev ?? null)
      expect(viodev?.dev.kobj.kref.refcount.refs).toBe(3)
    })
  })

  it('finds nothing by part of the name', () => {
    const machine = boot(facilities)
    run(machine, () => {
      expect(vio_find_name('ibm,random')).toBeNull()
      expect(vio_find_name('')).toBeNull()
    })
  })
})

describe('vio_find_node', () => {
  it("finds a facility's device by the name of the node and changes no reference on nodes", () => {
    const machine = boot(facilities)
    run(machine, () => {
      const np = nodeAt(RANDOM)
      const before = [refcountOf(np), refcountOf(nodeAt(FACILITIES))]
      const viodev = vio_find_node(np)
      expect(viodev?.dev.of_node).toBe(np)
      expect(viodev?.dev.kobj.kref.refcount.refs).toBe(4)
      expect([refcountOf(np), refcountOf(nodeAt(FACILITIES))]).toEqual(before)
      put_device(viodev?.dev ?? null)
    })
  })

  it('finds the device of a vdevice by its unit address', () => {
    run(boot(vdevices), () => {
      expect(vio_find_node(nodeAt('/vdevice/vty@30000000'))?.unit_address).toBe(0x30000000)
    })
  })

  it('never finds ibm,sym-encryption-v1: its 21 characters are truncated to the 19 that fit the buffer', () => {
    const machine = boot(facilities)
    expect(machine.inspect(vioDevicesSnapshot).map((one) => one.device)).toContain('ibm,sym-encryption-v1')
    run(machine, () => {
      expect(vio_find_node(nodeAt(SYM_ENCRYPTION))).toBeNull()
      expect(vio_find_node(nodeAt(COMPRESSION))).not.toBeNull()
    })
  })

  it('finds the device of another node whose name equals the truncated one', () => {
    const machine = boot({
      ...facilities,
      [`${FACILITIES}/ibm,sym-encryption-`]: facility('ibm,sym-encryption-', 'ibm,other', 9),
    })
    run(machine, () => {
      expect(vio_find_node(nodeAt(SYM_ENCRYPTION))?.resource_id).toBe(9)
    })
  })

  it('also finds the device of a detached node, and the old device for a new node', () => {
    const machine = boot(facilities)
    run(machine, () => {
      const old = of_node_get(nodeAt(RANDOM))
      of_detach_node(old)
      expect(vio_find_node(old)?.dev.of_node).toBe(old)
      const young = addNode(RANDOM, facility('ibm,random-v1', 'ibm,random', 1), { dynamic: true })
      expect(vio_find_node(young)?.dev.of_node).toBe(old)
    })
  })

  it('finds nothing for the root, for a node of another family or for a vdevice without "reg"', () => {
    const machine = boot({
      ...facilities,
      '/cpus': { name: 'cpus' },
      '/cpus/cpu': { name: 'cpu' },
      '/vdevice': { name: 'vdevice', device_type: 'vdevice' },
    })
    run(machine, () => {
      expect(vio_find_node(nodeAt('/'))).toBeNull()
      expect(vio_find_node(nodeAt('/cpus/cpu'))).toBeNull()
      const odd = addNode('/vdevice/odd', { name: 'odd' }, { dynamic: true })
      expect(vio_find_node(odd)).toBeNull()
    })
  })

  it('balances all references except the returned one, for any sequence of lookups', () => {
    const paths = [RANDOM, COMPRESSION, SYM_ENCRYPTION, FACILITIES, '/']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...paths), { maxLength: 20 }), (lookups) => {
        const machine = boot(facilities, { callChains: false })
        run(machine, () => {
          const nodes = paths.map(nodeAt)
          const before = nodes.map(refcountOf)
          for (const path of lookups) {
            const found = vio_find_node(nodeAt(path))
            put_device(found?.dev ?? null)
          }
          expect(nodes.map(refcountOf)).toEqual(before)
        })
        expect(machine.inspect(vioDevicesSnapshot).map((one) => one.refcount)).toEqual([3, 3, 3])
      }),
      { numRuns: 30 },
    )
  })
})

describe('snprintf', () => {
  it('truncates to leave room for the terminator and returns the untruncated length', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 40, unit: 'grapheme-ascii' }),
        fc.integer({ min: 1, max: 30 }),
        (value, size) => {
          const buf = char_array(size)
          const machine = boot({}, { callChains: false })
          run(machine, () => {
            expect(snprintf(buf, '%s', value)).toBe(value.length)
            expect(text(buf)).toBe(value.slice(0, size - 1))
          })
        },
      ),
      { numRuns: 50 },
    )
  })
})
