// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  EACCES,
  EEXIST,
  EFAULT,
  ENODEV,
  ENOENT,
  ENOMEM,
  kernfs_find_and_get_ns,
  kernfs_fop_read,
  kernfs_fop_write,
  kernfs_remove,
  kernfs_remove_by_name_ns,
  kernfsPath,
  kfree,
  kobject_add,
  kobject_create_and_add,
  kobject_del,
  kobject_put,
  kstrdup,
  literal,
  scanMemory,
  sysfs_create_bin_file,
  sysfs_create_file,
  sysfs_create_link,
  sysfs_remove_bin_file,
  sysfs_remove_dir,
  sysfs_remove_file,
  sysfs_remove_link,
  sysfsRoot,
  toBytes,
  type kobject,
  type Machine,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { boot, it, new_thing } from './support.ts'

/** Boots a machine with the directories /sys/a, /sys/a/b and /sys/c. */
function bootWithDirectories(): { machine: Machine; a: kobject; b: kobject; c: kobject } {
  const machine = boot()
  const [a, b, c] = run(machine, () => {
    const first = must(kobject_create_and_add('a', null))
    return [first, must(kobject_create_and_add('b', first)), must(kobject_create_and_add('c', null))]
  })
  return { machine, a: must(a), b: must(b), c: must(c) }
}

function show(): string {
  return 'content\n'
}

describe('a sysfs file', () => {
  it('is created, read, written and removed by name', () => {
    const { machine, a } = bootWithDirectories()
    const written: string[] = []
    run(machine, () => {
      sysfs_create_file(a, 'attr', show, (data) => {
        written.push(String.fromCharCode(...data))
        return data.length
      })
    })
    expect(machine.read('/sys/a/attr')).toBe('content\n')
    expect(machine.write('/sys/a/attr', 'abc')).toBe(3)
    expect(written).toEqual(['abc'])
    run(machine, () => {
      sysfs_remove_file(a, 'attr')
    })
    expect(machine.read('/sys/a/attr')).toBe(-ENOENT)
    expect(eventsOf(machine, 'sysfs.create').at(-1)).toMatchObject({ path: '/a/attr', kind: 'file' })
    expect(eventsOf(machine, 'sysfs.remove').at(-1)).toMatchObject({ path: '/a/attr', kind: 'file' })
  })

  it('has a mode that follows from its functions', () => {
    const { machine, a } = bootWithDirectories()
    const modes = run(machine, () => {
      sysfs_create_file(a, 'read', show)
      sysfs_create_file(a, 'write', null, () => 0)
      sysfs_create_file(a, 'both', show, () => 0)
      return ['read', 'write', 'both'].map((name) => kernfs_find_and_get_ns(a.sd, name)?.mode)
    })
    expect(modes).toEqual([0o444, 0o200, 0o644])
  })

  it('refuses a read or write that it has no function for', () => {
    const { machine, a } = bootWithDirectories()
    run(machine, () => {
      sysfs_create_file(a, 'read', show)
      sysfs_create_file(a, 'write', null, () => 0)
    })
    expect(machine.write('/sys/a/read', 'x')).toBe(-EACCES)
    expect(machine.read('/sys/a/write')).toBe(-EACCES)
  })

  it('fails with a warning and a stack if the name is taken; the first file stays', () => {
    const { machine, a } = bootWithDirectories()
    const lines = consoleOf(machine, () => {
      run(machine, function creating_function() {
        sysfs_create_file(a, 'attr', show)
        expect(sysfs_create_file(a, 'attr', () => 'second')).toBe(-EEXIST)
      })
    })
    expect(lines[0]).toBe("sysfs: cannot create duplicate filename '/a/attr'")
    expect(lines).toContain('creating_function')
    expect(machine.read('/sys/a/attr')).toBe('content\n')
  })

  it('in the root is reported with two slashes if it is a duplicate', () => {
    const { machine } = bootWithDirectories()
    const lines = consoleOf(machine, () => {
      run(machine, () => kobject_create_and_add('a', null))
    })
    expect(lines[0]).toBe("sysfs: cannot create duplicate filename '//a'")
  })

  it('returns -ENODEV to a task that still has it open after its removal', () => {
    const { machine, a } = bootWithDirectories()
    run(machine, () => {
      sysfs_create_file(a, 'attr', show, () => 1)
      const open = must(kernfs_find_and_get_ns(a.sd, 'attr'))
      expect([kernfs_fop_read(open), kernfs_fop_write(open, toBytes('x'))]).toEqual(['content\n', 1])
      kernfs_remove(a.sd)
      expect([kernfs_fop_read(open), kernfs_fop_write(open, toBytes('x'))]).toEqual([-ENODEV, -ENODEV])
    })
  })

  it('without a name, of a kobject without a directory, is a BUG before the name is checked', () => {
    const machine = boot()
    machine.task('test', () => {
      sysfs_create_bin_file(new_thing().kobj, { name: null, mode: 0o444, size: 0, read: () => 0 })
    })
    expect(machine.outcome).toBe('oops')
    expect(machine.console).toContain('kernel BUG at fs/sysfs/file.c:489!')
  })

  it('of a kobject without a directory is a BUG', ({ machine }) => {
    machine.task('test', function bug_function() {
      sysfs_create_file(new_thing().kobj, 'attr', show)
    })
    expect(eventsOf(machine, 'oops')).toMatchObject([
      { function: 'sysfs_create_file', reason: 'kernel BUG at fs/sysfs/file.c:330!' },
    ])
  })

  it('of raw bytes takes name and mode from its attribute', () => {
    const { machine, a } = bootWithDirectories()
    run(machine, () => {
      const attr = { name: kstrdup('reg'), mode: 0o400, size: 4, read: () => Uint8Array.of(0, 0, 0, 7) }
      expect(sysfs_create_bin_file(a, attr)).toBe(0)
      expect(sysfs_create_bin_file(a, { ...attr, name: null })).toBe(-ENOMEM)
      expect(kernfs_find_and_get_ns(a.sd, 'reg')?.mode).toBe(0o400)
    })
    expect(machine.readBytes('/sys/a/reg')).toEqual(Uint8Array.of(0, 0, 0, 7))
  })

  it('may return an errno', () => {
    const { machine, a } = bootWithDirectories()
    run(machine, () => {
      sysfs_create_file(a, 'attr', () => -ENODEV)
    })
    expect(machine.read('/sys/a/attr')).toBe(-ENODEV)
  })
})

describe('removal by name', () => {
  it('returns -ENOENT if the entry does not exist', () => {
    const { machine, a } = bootWithDirectories()
    expect(run(machine, () => kernfs_remove_by_name_ns(a.sd, 'nothing'))).toBe(-ENOENT)
    expect(run(machine, () => kernfs_remove_by_name_ns(a.sd, 'b'))).toBe(0)
  })

  it('warns each time if there is no directory, with the name as it is in memory', ({ machine }) => {
    run(machine, () => {
      const { kobj } = new_thing()
      const name = must(kstrdup('ibm,resource-id'))
      sysfs_remove_bin_file(kobj, name)
      kfree(name)
      sysfs_remove_bin_file(kobj, name)
      sysfs_remove_bin_file(kobj, null)
    })
    expect(
      eventsOf(machine, 'warn').map((event) => [event.file, event.function, event.text, event.once]),
    ).toEqual([
      [
        'fs/kernfs/dir.c',
        'kernfs_remove_by_name_ns',
        "kernfs: can not remove 'ibm,resource-id', no directory",
        false,
      ],
      [
        'fs/kernfs/dir.c',
        'kernfs_remove_by_name_ns',
        `kernfs: can not remove '${'k'.repeat(15)}\u00a5${'\u00bb'.repeat(8)}', no directory`,
        false,
      ],
      ['fs/kernfs/dir.c', 'kernfs_remove_by_name_ns', "kernfs: can not remove '(null)', no directory", false],
    ])
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([{ field: 'bytes', access: 'read' }])
  })

  it('is an Oops with kernfs_mutex held for a NULL name', () => {
    const { machine, a } = bootWithDirectories()
    machine.task('test', () => {
      sysfs_remove_bin_file(a, null)
    })
    expect(eventsOf(machine, 'oops')[0]?.held).toEqual(['kernfs_mutex'])
  })
})

describe('a directory', () => {
  it('is removed with everything below it, children first', () => {
    const { machine, a, b } = bootWithDirectories()
    run(machine, () => {
      sysfs_create_file(b, 'attr', show)
      sysfs_remove_dir(a)
      expect(a.sd).toBeNull()
      expect(b.sd?.removed).toBe(true)
    })
    expect(eventsOf(machine, 'sysfs.remove').map((event) => event.path)).toEqual(['/a/b/attr', '/a/b', '/a'])
    expect(machine.readdir('/sys')).not.toContain('a')
  })

  it('accepts no files once it is removed', () => {
    const { machine, a } = bootWithDirectories()
    const result = run(machine, () => {
      kernfs_remove(a.sd)
      kernfs_remove(a.sd)
      kernfs_remove(null)
      return sysfs_create_file(a, 'attr', show)
    })
    expect(result).toBe(-ENOENT)
  })

  it('may be removed even if it does not exist', ({ machine }) => {
    run(machine, () => {
      sysfs_remove_dir(new_thing().kobj)
    })
    expect(eventsOf(machine, 'sysfs.remove')).toEqual([])
  })

  it('that is NULL is dereferenced by a search: an Oops at the offset of the children', ({ machine }) => {
    machine.task('test', () => kernfs_find_and_get_ns(null, 'x'))
    expect(eventsOf(machine, 'oops')).toMatchObject([
      {
        function: 'kernfs_find_ns',
        reason: 'Unable to handle kernel paging request for data at address 0x00000090',
        held: ['kernfs_mutex'],
      },
    ])
  })

  it('has a path below the mount point; the root has an empty one', () => {
    const { machine, b } = bootWithDirectories()
    expect(kernfsPath(must(b.sd))).toBe('/a/b')
    expect(run(machine, () => kernfsPath(sysfsRoot()))).toBe('')
  })
})

describe('a link', () => {
  it('is the relative path from its directory to the target', () => {
    const { machine, b, c } = bootWithDirectories()
    run(machine, () => sysfs_create_link(c, b, 'link'))
    expect(machine.readlink('/sys/c/link')).toBe('../a/b')
    expect(eventsOf(machine, 'sysfs.create').at(-1)).toMatchObject({ path: '/c/link', kind: 'link' })
  })

  it('holds the directory of the target, not the object, until it is removed', () => {
    const { machine, b, c } = bootWithDirectories()
    run(machine, () => {
      const before = [b.sd?.count, b.kref.refcount.refs]
      sysfs_create_link(c, b, 'link')
      expect([b.sd?.count, b.kref.refcount.refs]).toEqual([(before[0] ?? 0) + 1, before[1]])
      sysfs_remove_link(c, 'link')
      expect(b.sd?.count).toBe(before[0])
    })
    expect(machine.readlink('/sys/c/link')).toBe(-ENOENT)
  })

  it('dangles after its target is removed, with the same text', () => {
    const { machine, b, c } = bootWithDirectories()
    run(machine, () => {
      sysfs_create_file(b, 'attr', show)
      sysfs_create_link(c, b, 'link')
      kobject_del(b)
    })
    expect(machine.readlink('/sys/c/link')).toBe('../a/b')
    expect(machine.read('/sys/c/link/attr')).toBe(-ENOENT)
  })

  it('resolves to a new entry with the name of the target', () => {
    const { machine, a, b, c } = bootWithDirectories()
    run(machine, () => {
      sysfs_create_link(c, b, 'link')
      kobject_del(b)
      const other = new_thing()
      kobject_add(other.kobj, a, 'b')
      sysfs_create_file(other.kobj, 'attr', () => 'other')
    })
    expect(machine.read('/sys/c/link/attr')).toBe('other')
  })

  it('is refused if either end has no directory, and if its name is taken', () => {
    const { machine, b, c } = bootWithDirectories()
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const nowhere = new_thing().kobj
        const count = b.sd?.count
        expect(sysfs_create_link(nowhere, b, 'link')).toBe(-EFAULT)
        expect(sysfs_create_link(c, nowhere, 'link')).toBe(-ENOENT)
        expect(sysfs_create_link(c, b, 'link')).toBe(0)
        expect(sysfs_create_link(c, b, 'link')).toBe(-EEXIST)
        expect(b.sd?.count).toBe((count ?? 0) + 1)
      })
    })
    expect(lines[0]).toBe("sysfs: cannot create duplicate filename '/c/link'")
  })
})

describe('memory of sysfs', () => {
  /** The structs that cannot be reached after `body`, with the functions that asked for them. */
  const lostAfter = (body: (kobjects: ReturnType<typeof bootWithDirectories>) => void): string[][] => {
    const all = bootWithDirectories()
    const { machine } = all
    machine.step = 1
    run(machine, () => {
      body(all)
    })
    return scanMemory(machine, () => false)
      .unreachable.filter(({ step }) => step === 1)
      .map(({ struct, allocatedBy }) => [struct, ...allocatedBy.slice(0, 3)])
  }

  it('is freed when an entry is removed, when its name is taken, and when a link goes whose target was removed', () => {
    const lost = lostAfter(({ a, b, c }) => {
      sysfs_create_file(b, 'attr', show)
      expect(sysfs_create_file(b, 'attr', show)).toBe(-EEXIST)
      sysfs_create_link(c, b, 'link')
      expect(sysfs_create_link(c, b, 'link')).toBe(-EEXIST)
      const other = new_thing()
      expect(kobject_add(other.kobj, a, 'b')).toBe(-EEXIST)
      kobject_put(other.kobj)
      kobject_del(b)
      sysfs_remove_link(c, 'link')
      sysfs_create_file(c, 'attr', show)
      sysfs_remove_file(c, literal('attr'))
    })
    expect(lost).toEqual([])
  })

  it('is reachable while a link leads to the directory of a removed object', () => {
    const lost = lostAfter(({ a, c }) => {
      const target = must(kobject_create_and_add('t', a))
      sysfs_create_link(c, target, 'link')
      kobject_put(target)
    })
    expect(lost).toEqual([])
  })

  it('is lost if a reference on a removed entry is not dropped', () => {
    const lost = lostAfter(({ c }) => {
      sysfs_create_file(c, 'attr', show)
      kernfs_find_and_get_ns(c.sd, literal('attr'))
      sysfs_remove_file(c, literal('attr'))
    })
    expect(lost).toEqual([['kernfs_node', 'kmem_cache_zalloc', 'kernfs_new_node', 'sysfs_create_file']])
  })
})
