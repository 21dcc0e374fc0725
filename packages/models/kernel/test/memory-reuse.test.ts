// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  container_of,
  injectMemoryReuse,
  isFreed,
  kfree,
  kobject_get,
  kzalloc,
  objectId,
} from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { boot, it, new_thing, thing } from './support.ts'

describe('reused memory', () => {
  it('is the new object for every dangling pointer to the old one, embedded structs included', () => {
    const machine = boot()
    run(machine, () => {
      const old = new_thing()
      const { kobj } = old
      old.value = 5
      kobject_get(kobj)
      kfree(old)
      injectMemoryReuse((name) => (name === 'thing' ? old : null))
      const fresh = must(kzalloc(thing))
      expect(fresh).toBe(old)
      expect([fresh.value, kobj.kref.refcount.refs, kobj.state_initialized]).toEqual([1, 0, false])
      expect([objectId(fresh), isFreed(fresh)]).toEqual(['thing#1', false])
      expect(container_of<thing>(kobj)).toBe(fresh)
      injectMemoryReuse(null)
      expect(must(kzalloc(thing))).not.toBe(old)
    })
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
    expect(machine.heap.filter((object) => object instanceof thing)).toHaveLength(2)
  })

  it('is optional: without a choice, memory is fresh', ({ machine }) => {
    run(machine, () => {
      injectMemoryReuse(() => null)
      expect(objectId(must(kzalloc(thing)))).toBe('thing#0')
    })
  })

  it('is off by default, so that every use after free is detected', ({ machine }) => {
    run(machine, () => {
      const old = must(kzalloc(thing))
      kfree(old)
      expect(must(kzalloc(thing)) === old).toBe(false)
      old.value = 1
    })
    expect(eventsOf(machine, 'use-after-free')).toHaveLength(1)
  })

  it('can be freed again', ({ machine }) => {
    run(machine, () => {
      const old = must(kzalloc(thing))
      kfree(old)
      injectMemoryReuse(() => old)
      kfree(must(kzalloc(thing)))
      expect(isFreed(old)).toBe(true)
    })
    expect(eventsOf(machine, 'double-free')).toEqual([])
    expect(eventsOf(machine, 'free')).toHaveLength(2)
  })
})
