// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  kernelKobject,
  kernfs_put,
  kobject_create_and_add,
  kobject_put,
  oops,
  sysfs_create_file,
  sysfs_remove_file,
  type kobject,
  type Machine,
} from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { boot } from './support.ts'

/** Boots a machine with /sys/kernel/dir/file. A read or write of the file calls `use` with the directory. */
function bootWithFile(use: (directory: kobject) => void): { machine: Machine; directory: kobject } {
  const machine = boot()
  const directory = run(machine, () => must(kobject_create_and_add('dir', kernelKobject())))
  const read = (): string => {
    use(directory)
    return 'text'
  }
  const write = (data: Uint8Array): number => {
    use(directory)
    return data.length
  }
  run(machine, () => sysfs_create_file(directory, 'file', read, write))
  return { machine, directory }
}

const FILE = '/sys/kernel/dir/file'

describe('a sysfs file', () => {
  it.each(['read', 'write'])(
    'that removes itself during a %s waits forever for itself, without holding a lock',
    (action) => {
      const { machine } = bootWithFile((directory) => {
        sysfs_remove_file(directory, 'file')
      })
      if (action === 'read') machine.read(FILE)
      else machine.write(FILE, 'x')
      expect(machine.outcome).toBe('deadlock')
      expect(eventsOf(machine, 'hang')).toMatchObject([
        { lock: 'kn->count', holder: 'its own call chain', held: [] },
      ])
    },
  )

  it('may remove other files while it is read or written, and can be removed afterwards', () => {
    const { machine, directory } = bootWithFile(() => {
      kobject_put(kobject_create_and_add('other', kernelKobject()))
    })
    expect(machine.read(FILE)).toBe('text')
    expect(machine.write(FILE, 'x')).toBe(1)
    run(machine, () => {
      kobject_put(directory)
    })
    expect(machine.outcome).toBe('completed')
  })

  it('cannot be removed once a reader has died in it: the remover waits forever', () => {
    const { machine, directory } = bootWithFile(() => oops('no'))
    machine.read(FILE)
    expect(machine.outcome).toBe('oops')
    machine.task('remover', () => {
      kobject_put(directory)
    })
    expect(eventsOf(machine, 'hang')).toMatchObject([{ lock: 'kn->count', held: [] }])
  })
})

describe('the last reference on a sysfs file', () => {
  it('is dropped when the file is removed, and a put after that touches freed memory', () => {
    const { machine, directory } = bootWithFile(() => undefined)
    const { sd } = directory
    run(machine, () => {
      kobject_put(directory)
    })
    expect(machine.console.join('\n')).not.toContain('released with incorrect active_ref')
    run(machine, () => {
      kernfs_put(sd)
    })
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([
      { struct: 'kernfs_node', field: 'count', access: 'write', object: 'kernfs_node /kernel/dir' },
    ])
  })

  it('warns if it is dropped while the file is still in its directory', () => {
    const { machine, directory } = bootWithFile(() => undefined)
    run(machine, () => {
      kernfs_put(must(must(directory.sd).children.get('file') ?? null))
    })
    expect(machine.console.join('\n')).toContain('kernfs_put: dir/file: released with incorrect active_ref 0')
  })
})
