// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
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
  kobject_put,
  kobject_set_name,
  kset_create_and_add,
  kzalloc,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { kobjectId } from '../src/include/kobject.ts'
import { boot, functionsOf, it, new_thing, thing } from './support.ts'

function refs(one: thing): number {
  return one.kobj.kref.refcount.refs
}

describe('kobject_add', () => {
  it('creates a directory and takes one reference on parent and kset, none on the object', ({ machine }) => {
    run(machine, () => {
      const set = must(kset_create_and_add('set', null, null))
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

  it('puts an object without a parent below its kset, which then holds two references', ({ machine }) => {
    run(machine, () => {
      const set = must(kset_create_and_add('set', null, null))
      const child = new_thing()
      child.kobj.kset = set
      kobject_add(child.kobj, null, 'child')
      expect(set.kobj.kref.refcount.refs).toBe(3)
      kobject_del(child.kobj)
      expect(set.kobj.kref.refcount.refs).toBe(1)
    })
    expect(machine.readdir('/sys/set')).toEqual([])
  })

  it('keeps the existing name if the format is NULL', ({ machine }) => {
    run(machine, () => {
      const one = new_thing()
      kobject_set_name(one.kobj, 'given')
      expect(kobject_add(one.kobj, null, null)).toBe(0)
    })
    expect(machine.readdir('/sys')).toContain('given')
  })

  it('drops all references for a duplicate name, and prints two errors', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, function adding_function() {
        const set = must(kset_create_and_add('set', null, null))
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

  it('fails with -ENOENT below a parent without a directory, and names the parent', ({ machine }) => {
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

  it('names the kset if the kset is the parent', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const set = must(kset_create_and_add('set', null, null))
        kobject_del(set.kobj)
        const child = new_thing()
        child.kobj.kset = set
        kobject_add(child.kobj, null, 'child')
      })
    })
    expect(lines).toEqual(['kobject_add_internal failed for child (error: -2 parent: set)'])
  })

  it('warns about an empty name', ({ machine }) => {
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

  it('refuses an uninitialized object', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(kobject_add(must(kzalloc(thing)).kobj, null, 'x')).toBe(-EINVAL)
      })
    })
    expect(lines[0]).toBe(
      "kobject '(null)' (thing#0): tried to add an uninitialized object, something is seriously wrong.",
    )
  })

  it('fails with -ENOMEM if memory is short for the name', ({ machine }) => {
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
  it('removes the directory with its content, drops kset and parent, and keeps the object', ({ machine }) => {
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

  it('drops the kset again if called again', () => {
    run(boot(), () => {
      const set = must(kset_create_and_add('set', null, null))
      kobject_get(set.kobj)
      const one = new_thing()
      one.kobj.kset = set
      kobject_add(one.kobj, null, 'one')
      kobject_del(one.kobj)
      expect(set.kobj.kref.refcount.refs).toBe(2)
      kobject_del(one.kobj)
      expect(set.kobj.kref.refcount.refs).toBe(1)
    })
  })

  it('is harmless for a child whose directory was removed with its parent', ({ machine }) => {
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

  it('runs before the release if the last put finds the object still in sysfs', ({ machine }) => {
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

  it('keeps a parent alive until its last child has left sysfs', () => {
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
  it('create a directory, and the last put frees the object', ({ machine }) => {
    run(machine, () => {
      const set = must(kset_create_and_add('set', null, null))
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

  it('return NULL if the name is taken, and free everything except the name of a kset', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(kset_create_and_add('devices', null, null)).toBeNull()
        expect(kobject_create_and_add('devices', null)).toBeNull()
      })
    })
    expect(lines.at(-1)).toBe('kobject_create_and_add: kobject_add error: -17')
    expect(eventsOf(machine, 'free').map((event) => event.struct)).toEqual(['kset', 'plain_kobject', 'bytes'])
  })

  it('return NULL if memory is short', () => {
    run(boot(), () => {
      injectAllocationFailures(() => true)
      expect([kset_create_and_add('a', null, null), kobject_create_and_add('b', null)]).toEqual([null, null])
    })
  })
})
