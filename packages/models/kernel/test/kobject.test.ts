// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EEXIST,
  EINVAL,
  ENOENT,
  ENOMEM,
  injectAllocationFailures,
  isFreed,
  kobject_add,
  kobject_create_and_add,
  kobject_del,
  kobject_get,
  kobject_init,
  kobject_put,
  kobject_set_name,
  kobjectId,
  kset_create_and_add,
  kzalloc,
  objectId,
  text,
  type kobj_type,
} from '../src/index.ts'
import {
  boot,
  consoleOf,
  eventsOf,
  functionsOf,
  must,
  new_thing,
  run,
  thing,
  thing_ktype,
} from './support.ts'

function refs(one: thing): number {
  return one.kobj.kref.refcount.refs
}

/** Survives its release, as a node of the boot tree does. */
const surviving_ktype: kobj_type = { release: function surviving_release() {} }

describe('kobject_init', () => {
  it('gives the creator one reference', () => {
    const machine = boot()
    const one = run(machine, new_thing)
    expect(refs(one)).toBe(1)
    expect(eventsOf(machine, 'ref.get').at(-1)).toMatchObject({ object: 'thing#0', before: 0, after: 1 })
  })

  it('complains with a stack about an object that is initialised already, and goes on', () => {
    const machine = boot()
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
  it('are NULL-safe', () => {
    const machine = boot()
    const before = machine.events.length
    run(machine, () => {
      expect(kobject_get(null)).toBeNull()
      kobject_put(null)
      kobject_del(null)
    })
    expect(machine.events).toHaveLength(before)
  })

  it.each(['plain', 'full'] as const)(
    'get returns its argument also when the count was 0 (%s)',
    (refcount) => {
      const machine = boot({ refcount })
      const one = run(machine, () => {
        const released = must(kzalloc(thing))
        kobject_init(released.kobj, surviving_ktype)
        kobject_put(released.kobj)
        expect(kobject_get(released.kobj)).toBe(released.kobj)
        return released
      })
      expect(refs(one)).toBe(refcount === 'plain' ? 1 : 0)
    },
  )

  it('warn each time about an object that is not initialised', () => {
    const machine = boot()
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

  it('record the counter before and after, and who called', () => {
    const machine = boot()
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

  it('release the object in the put that drops the last reference, and free its name', () => {
    const machine = boot()
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

  it('an object that survives its release can be released again: the same name is freed twice', () => {
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

  it('a full counter never releases twice', () => {
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

  it('an object without a type is released by nobody', () => {
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

  it('the counter is the number of holders over any sequence, and only the last put frees', () => {
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
  it('turns every / into !', () => {
    const name = run(boot(), () => {
      const one = new_thing()
      kobject_set_name(one.kobj, '%s/%d', 'cpu/0', 1)
      return text(must(one.kobj.name))
    })
    expect(name).toBe('cpu!0!1')
  })

  it('frees the name before', () => {
    const machine = boot()
    run(machine, () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'old')
      const old = must(one.kobj.name)
      kobject_set_name(one.kobj, 'new')
      expect(isFreed(old.memory)).toBe(true)
    })
  })

  it('keeps the name before when memory is short', () => {
    const result = run(boot(), () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'old')
      injectAllocationFailures((name) => name === 'bytes')
      return [kobject_set_name(one.kobj, 'new'), text(must(one.kobj.name))]
    })
    expect(result).toEqual([-ENOMEM, 'old'])
  })
})

describe('kobject_add', () => {
  it('makes a directory and takes one reference on parent and kset, none on the object', () => {
    const machine = boot()
    run(machine, () => {
      const set = must(kset_create_and_add('set', null))
      const parent = new_thing()
      const child = new_thing()
      kobject_add(parent.kobj, null, 'parent')
      child.kobj.kset = set
      const before = [refs(parent), set.kobj.kref.refcount.refs, refs(child)]
      expect(kobject_add(child.kobj, parent.kobj, 'child%d', 1)).toBe(0)
      expect([refs(parent), set.kobj.kref.refcount.refs, refs(child)]).toEqual([
        (before[0] ?? 0) + 1,
        (before[1] ?? 0) + 1,
        before[2],
      ])
      expect(child.kobj.state_in_sysfs).toBe(true)
      expect(child.kobj.sd?.count).toBe(2)
      expect(set.list).toEqual([child.kobj])
    })
    expect(machine.readdir('/sys/parent')).toEqual(['child1'])
  })

  it('puts an object without a parent below its kset, which then counts twice', () => {
    const machine = boot()
    run(machine, () => {
      const set = must(kset_create_and_add('set', null))
      const child = new_thing()
      child.kobj.kset = set
      kobject_add(child.kobj, null, 'child')
      expect(set.kobj.kref.refcount.refs).toBe(3)
      kobject_del(child.kobj)
      expect(set.kobj.kref.refcount.refs).toBe(1)
    })
    expect(machine.readdir('/sys/set')).toEqual([])
  })

  it('with a NULL format keeps the name that is there', () => {
    const machine = boot()
    run(machine, () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'given')
      expect(kobject_add(one.kobj, null, null)).toBe(0)
    })
    expect(machine.readdir('/sys')).toContain('given')
  })

  it('gives everything back on a duplicate name, and says so twice', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, function adding_function() {
        const set = must(kset_create_and_add('set', null))
        const parent = new_thing()
        kobject_add(parent.kobj, null, 'parent')
        const first = new_thing()
        kobject_add(first.kobj, parent.kobj, 'same')
        const second = new_thing()
        second.kobj.kset = set
        expect(kobject_add(second.kobj, parent.kobj, 'same')).toBe(-EEXIST)
        expect([refs(parent), set.kobj.kref.refcount.refs, refs(second)]).toEqual([2, 1, 1])
        expect([second.kobj.parent, second.kobj.sd, second.kobj.state_in_sysfs]).toEqual([null, null, false])
        expect(set.list).toEqual([])
      })
    })
    expect(lines[0]).toBe("sysfs: cannot create duplicate filename '/parent/same'")
    expect(lines).toContain('sysfs_create_dir_ns')
    expect(lines.at(-1)).toBe(
      "kobject_add_internal failed for same with -EEXIST, don't try to register things with the same name in the same directory.",
    )
    expect(eventsOf(machine, 'sysfs.duplicate')).toMatchObject([{ path: '/parent/same' }])
  })

  it('fails with -ENOENT below a parent without a directory, and names the parent', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const parent = new_thing()
        kobject_set_name(parent.kobj, 'nowhere')
        const child = new_thing()
        expect(kobject_add(child.kobj, parent.kobj, 'child')).toBe(-ENOENT)
        expect(refs(parent)).toBe(1)
      })
    })
    expect(lines).toEqual(['kobject_add_internal failed for child (error: -2 parent: nowhere)'])
  })

  it('names the kset when that is the parent', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const set = must(kset_create_and_add('set', null))
        kobject_del(set.kobj)
        const child = new_thing()
        child.kobj.kset = set
        kobject_add(child.kobj, null, 'child')
      })
    })
    expect(lines).toEqual(['kobject_add_internal failed for child (error: -2 parent: set)'])
  })

  it('warns about an empty name', () => {
    const machine = boot()
    run(machine, () => {
      const one = new_thing()
      expect(kobject_add(one.kobj, null, '')).toBe(-EINVAL)
      expect(kobject_add(new_thing().kobj, null, null)).toBe(-EINVAL)
    })
    expect(eventsOf(machine, 'warn').map((event) => event.text)).toEqual([
      'kobject: (thing#0): attempted to be registered with empty name!',
      'kobject: (thing#1): attempted to be registered with empty name!',
    ])
  })

  it('refuses an object that is not initialised', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(kobject_add(must(kzalloc(thing)).kobj, null, 'x')).toBe(-EINVAL)
      })
    })
    expect(lines[0]).toBe(
      "kobject '(null)' (thing#0): tried to add an uninitialized object, something is seriously wrong.",
    )
  })

  it('fails with -ENOMEM when there is no memory for the name', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const one = new_thing()
        injectAllocationFailures((name) => name === 'bytes')
        expect(kobject_add(one.kobj, null, 'x')).toBe(-ENOMEM)
      })
    })
    expect(lines).toEqual(['kobject: can not set name properly!'])
  })
})

describe('kobject_del', () => {
  it('removes the directory with everything in it, drops kset and parent, and keeps the object', () => {
    const machine = boot()
    run(machine, () => {
      const parent = new_thing()
      const child = new_thing()
      kobject_add(parent.kobj, null, 'parent')
      kobject_add(child.kobj, parent.kobj, 'child')
      const { sd } = child.kobj
      kobject_del(child.kobj)
      expect([refs(parent), refs(child)]).toEqual([1, 1])
      expect([child.kobj.sd, child.kobj.parent, child.kobj.state_in_sysfs]).toEqual([null, null, false])
      expect(sd?.count).toBe(0)
    })
    expect(machine.readdir('/sys/parent')).toEqual([])
  })

  it('of a child whose directory went with its parent is harmless', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const parent = new_thing()
        const child = new_thing()
        kobject_add(parent.kobj, null, 'parent')
        kobject_add(child.kobj, parent.kobj, 'child')
        kobject_del(parent.kobj)
        kobject_del(child.kobj)
        expect(refs(parent)).toBe(1)
      })
    })
    expect(lines).toEqual([])
    expect(eventsOf(machine, 'sysfs.remove').map((event) => event.path)).toEqual(['/parent/child', '/parent'])
  })

  it('happens by itself before the release when the last put finds the object in sysfs', () => {
    const machine = boot()
    run(machine, () => {
      const parent = new_thing()
      kobject_add(parent.kobj, null, 'parent')
      const child = new_thing()
      kobject_add(child.kobj, parent.kobj, 'child')
      kobject_put(child.kobj)
      expect(refs(parent)).toBe(1)
    })
    const types = machine.events.slice(-6).map((event) => event.type)
    expect(types).toEqual(['ref.put', 'ref.release', 'sysfs.remove', 'ref.put', 'free', 'free'])
    expect(machine.readdir('/sys/parent')).toEqual([])
  })

  it('lets a parent go only when its last child in sysfs has gone', () => {
    run(boot(), () => {
      const parent = new_thing()
      kobject_add(parent.kobj, null, 'parent')
      const child = new_thing()
      kobject_add(child.kobj, parent.kobj, 'child')
      kobject_put(parent.kobj)
      expect(isFreed(parent)).toBe(false)
      kobject_put(child.kobj)
      expect(isFreed(parent)).toBe(true)
    })
  })
})

describe('kset_create_and_add and kobject_create_and_add', () => {
  it('make a directory and free the object with the last put', () => {
    const machine = boot()
    run(machine, () => {
      const set = must(kset_create_and_add('set', null))
      const plain = must(kobject_create_and_add('plain', set.kobj))
      expect(kobjectId(plain)).toBe('plain_kobject#1')
      kobject_put(plain)
      kobject_put(set.kobj)
      expect(isFreed(set)).toBe(true)
    })
    expect(machine.readdir('/sys')).not.toContain('set')
    const releases = eventsOf(machine, 'free').map((event) => functionsOf(event.chain)[1])
    expect(releases).toContain('dynamic_kobj_release')
    expect(releases).toContain('kset_release')
  })

  it('return NULL for a name that is taken, and free what they made', () => {
    const machine = boot()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(kset_create_and_add('devices', null)).toBeNull()
        expect(kobject_create_and_add('devices', null)).toBeNull()
      })
    })
    expect(lines.at(-1)).toBe('kobject_create_and_add: kobject_add error: -17')
    expect(eventsOf(machine, 'free').map((event) => event.struct)).toEqual([
      'kset',
      'bytes',
      'plain_kobject',
      'bytes',
    ])
  })

  it('return NULL when memory is short', () => {
    run(boot(), () => {
      injectAllocationFailures(() => true)
      expect([kset_create_and_add('a', null), kobject_create_and_add('b', null)]).toEqual([null, null])
    })
  })
})

describe('kobjectId', () => {
  it('names the allocated object around a kobject, or says that there is none', () => {
    const machine = boot()
    const one = run(machine, new_thing)
    expect(kobjectId(one.kobj)).toBe(objectId(one))
    expect(kobjectId(new thing().kobj)).toBe('?')
  })
})
