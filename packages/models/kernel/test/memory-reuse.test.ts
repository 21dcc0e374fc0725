// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  bootMachine,
  device_node,
  injectMemoryReuse,
  kfree,
  kobject_get,
  kzalloc,
  kobject_init,
  type Machine,
  objectId,
} from '../src/index.ts'

const ktype = { release: () => undefined }

function onMachine(body: () => void): Machine {
  const machine = bootMachine({ devicetree: new Uint8Array(), subsystems: [] })
  machine.task('test', body)
  expect(machine.outcome).toBe('completed')
  return machine
}

function newNode(): device_node {
  const np = kzalloc(device_node)
  if (np === null) throw new Error('no memory')
  kobject_init(np.kobj, ktype)
  return np
}

describe('memory that the allocator hands out again', () => {
  it('is the new object for everybody who points there, under the name of the new object', () => {
    const machine = onMachine(() => {
      const old = newNode()
      old.phandle = 7
      const before = objectId(old)
      kfree(old)
      injectMemoryReuse((struct) => (struct === 'device_node' ? old : null))
      const np = newNode()
      injectMemoryReuse(null)
      expect(np).toBe(old)
      expect(objectId(old)).not.toBe(before)
      expect(old.phandle).toBe(0)
      kobject_get(old.kobj)
      expect(np.kobj.kref.refcount.refs).toBe(2)
    })
    expect(machine.events.filter((event) => event.type === 'use-after-free')).toEqual([])
  })

  it('is fresh memory unless somebody says otherwise, so that every use after free is seen', () => {
    const machine = onMachine(() => {
      const old = newNode()
      kfree(old)
      expect(newNode() === old).toBe(false)
      old.phandle = 1
    })
    expect(machine.events.filter((event) => event.type === 'use-after-free')).toHaveLength(1)
  })

  it('can be freed again', () => {
    const machine = onMachine(() => {
      const old = newNode()
      kfree(old)
      injectMemoryReuse(() => old)
      const np = newNode()
      injectMemoryReuse(null)
      kfree(np)
      expect(old.slab?.freed).toBe(true)
    })
    expect(machine.events.some((event) => event.type === 'double-free')).toBe(false)
    expect(machine.events.filter((event) => event.type === 'free')).toHaveLength(2)
  })
})
