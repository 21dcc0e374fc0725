// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  ENOMEM,
  injectAllocationFailures,
  isFreed,
  kobject,
  kobject_del,
  kobject_get,
  kobject_init,
  kobject_put,
  kobject_set_name,
  kzalloc,
  objectId,
  text,
  type kobj_type,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { kobjectId } from '../src/include/kobject.ts'
import { boot, functionsOf, it, new_thing, thing, thing_ktype } from './support.ts'

function refs(one: thing): number {
  return one.kobj.kref.refcount.refs
}

/** A type whose objects survive their release, like the nodes of the boot tree. */
const surviving_ktype: kobj_type = { release: function surviving_release() {} }

describe('kobject_init', () => {
  it('gives the creator one reference', ({ machine }) => {
    const one = run(machine, new_thing)
    expect(refs(one)).toBe(1)
    expect(eventsOf(machine, 'ref.get').at(-1)).toMatchObject({ object: 'thing#0', before: 0, after: 1 })
  })

  it('complains with a stack about an initialized object, and continues', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const one = new_thing()
        kobject_get(one.kobj)
        kobject_init(one.kobj, thing_ktype)
        expect(refs(one)).toBe(1)
      })
    })
    expect(lines[0]).toBe(
      'kobject (thing#0): tried to init an initialized object, something is seriously wrong.',
    )
    expect(lines).toContain('Call Trace:')
  })
})

describe('kobject_get and kobject_put', () => {
  it('are NULL-safe', ({ machine }) => {
    const before = machine.events.length
    run(machine, () => {
      expect(kobject_get(null)).toBeNull()
      kobject_put(null)
      kobject_del(null)
    })
    expect(machine.events).toHaveLength(before)
  })

  it.each(['plain', 'full'] as const)('get returns its argument even if the count was 0 (%s)', (refcount) => {
    const machine = boot({ refcount })
    const one = run(machine, () => {
      const released = must(kzalloc(thing))
      kobject_init(released.kobj, surviving_ktype)
      kobject_put(released.kobj)
      expect(kobject_get(released.kobj)).toBe(released.kobj)
      return released
    })
    expect(refs(one)).toBe(refcount === 'plain' ? 1 : 0)
  })

  it('warn each time about an uninitialized object', ({ machine }) => {
    run(machine, () => {
      const one = must(kzalloc(thing))
      kobject_get(one.kobj)
      kobject_get(one.kobj)
      kobject_put(one.kobj)
    })
    expect(eventsOf(machine, 'warn').map(({ text: message, once }) => [message, once])).toEqual([
      ["kobject: '(null)' (thing#0): is not initialized, yet kobject_get() is being called.", false],
      ['refcount_t: increment on 0; use-after-free.', true],
      ["kobject: '(null)' (thing#0): is not initialized, yet kobject_get() is being called.", false],
      ["kobject: '(null)' (thing#0): is not initialized, yet kobject_put() is being called.", false],
      ['refcount_t: underflow; use-after-free.', true],
    ])
  })

  it('record the counter before and after, and the caller', ({ machine }) => {
    run(machine, function holder_function() {
      const one = new_thing()
      kobject_get(one.kobj)
      kobject_put(one.kobj)
    })
    const [, get] = eventsOf(machine, 'ref.get').filter((event) => event.object === 'thing#0')
    expect(get).toMatchObject({ before: 1, after: 2 })
    expect(functionsOf(must(get).chain)).toEqual(['kobject_get', 'holder_function'])
    expect(eventsOf(machine, 'ref.put').at(-1)).toMatchObject({ object: 'thing#0', before: 2, after: 1 })
  })

  it('release the object in the last put, and free its name', ({ machine }) => {
    run(machine, () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'name')
      const name = must(one.kobj.name)
      kobject_put(one.kobj)
      expect([isFreed(one), isFreed(name.memory)]).toEqual([true, true])
    })
    expect(machine.events.slice(-4).map((event) => event.type)).toEqual([
      'ref.put',
      'ref.release',
      'free',
      'free',
    ])
  })

  it('can release a surviving object again, which frees the same name twice', () => {
    const machine = boot({ refcount: 'plain' })
    run(machine, () => {
      const one = must(kzalloc(thing))
      kobject_init(one.kobj, surviving_ktype)
      kobject_set_name(one.kobj, 'ibm,platform-facilities')
      kobject_put(one.kobj)
      kobject_get(one.kobj)
      kobject_put(one.kobj)
    })
    expect(eventsOf(machine, 'ref.release')).toHaveLength(2)
    expect(eventsOf(machine, 'double-free')).toMatchObject([{ struct: 'bytes' }])
    expect(machine.console).toContain('BUG kmalloc-32 (Not tainted): Object already free')
  })

  it('never release twice with a full counter', () => {
    const machine = boot({ refcount: 'full' })
    run(machine, () => {
      const one = must(kzalloc(thing))
      kobject_init(one.kobj, surviving_ktype)
      kobject_put(one.kobj)
      kobject_get(one.kobj)
      kobject_put(one.kobj)
    })
    expect(eventsOf(machine, 'ref.release')).toHaveLength(1)
  })

  it('free nothing for an object without a type', () => {
    const machine = boot({ refcount: 'plain' })
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const one = must(kzalloc(thing))
        one.kobj.state_initialized = true
        one.kobj.kref.refcount.refs = 1
        kobject_put(one.kobj)
        expect(isFreed(one)).toBe(false)
      })
    })
    expect(lines).toEqual([])
    expect(eventsOf(machine, 'ref.release')).toMatchObject([{ object: 'thing#0' }])
  })

  it('count the holders over any sequence, and only the last put frees', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (sequence) => {
        const machine = boot({}, { callChains: false })
        run(machine, () => {
          const one = new_thing()
          let holders = 1
          for (const takes of sequence) {
            if (takes) kobject_get(one.kobj)
            else kobject_put(one.kobj)
            holders += takes ? 1 : -1
            expect(isFreed(one)).toBe(holders === 0)
            if (holders === 0) return
            expect(refs(one)).toBe(holders)
          }
        })
      }),
    )
  })
})

describe('kobject_set_name', () => {
  it('replaces every / with !', () => {
    const name = run(boot(), () => {
      const one = new_thing()
      kobject_set_name(one.kobj, '%s/%d', 'cpu/0', 1)
      return text(must(one.kobj.name))
    })
    expect(name).toBe('cpu!0!1')
  })

  it('frees the previous name', ({ machine }) => {
    run(machine, () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'old')
      const old = must(one.kobj.name)
      kobject_set_name(one.kobj, 'new')
      expect(isFreed(old.memory)).toBe(true)
    })
  })

  it('keeps the previous name if memory is short', () => {
    const result = run(boot(), () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'old')
      injectAllocationFailures((name) => name === 'bytes')
      return [kobject_set_name(one.kobj, 'new'), text(must(one.kobj.name))]
    })
    expect(result).toEqual([-ENOMEM, 'old'])
  })
})

describe('kobjectId', () => {
  it('names the allocated object that embeds a kobject, or reports that there is none', ({ machine }) => {
    const one = run(machine, new_thing)
    expect(kobjectId(one.kobj)).toBe(objectId(one))
    expect(kobjectId(new thing().kobj)).toBe('?')
    expect(kobjectId(new kobject())).toBe('kobject')
  })
})
