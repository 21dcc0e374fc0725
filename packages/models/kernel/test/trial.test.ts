// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  BUG,
  cstr,
  down_write,
  ENOENT,
  injectAllocationFailures,
  kfree,
  kmalloc,
  kobject_create_and_add,
  kobject_get,
  kobject_put,
  kstrdup,
  kzalloc,
  memset,
  mutex,
  mutex_lock,
  mutex_unlock,
  oops,
  pr_err,
  rcu_read_lock,
  rw_semaphore,
  schedule_work,
  spin_lock,
  spinlock,
  spinForever,
  sprintf,
  synchronize_rcu,
  sysfs_create_file,
  sysfs_create_link,
  text,
  WARN_ONCE,
  work_struct,
  writeByte,
  type Machine,
} from '../src/index.ts'
import { must, run } from '../src/testing.ts'
import { boot, it, new_thing, thing } from './support.ts'

/** Returns the state that a trial must not change. */
function stateOf(machine: Machine): unknown {
  return [
    machine.events.length,
    machine.happened,
    machine.console.length,
    machine.heap.length,
    machine.tasks.length,
    machine.outcome,
    machine.inspecting,
    machine.running,
  ]
}

function bootWithFile(read: () => string | number): Machine {
  const machine = boot()
  run(machine, () => {
    const dir = must(kobject_create_and_add('dir', null))
    sysfs_create_file(dir, 'file', read)
    sysfs_create_link(dir, must(kobject_create_and_add('target', null)), 'link')
  })
  return machine
}

describe('a peek at a file', () => {
  it('shows the content that a read returns, by running the function of the file', () => {
    const machine = bootWithFile(() => sprintf('%d\n', 42))
    const before = stateOf(machine)
    expect(machine.peek('/sys/dir/file')).toEqual({
      outcome: 'completed',
      value: '42\n',
      target: null,
      usedFreed: false,
    })
    expect(machine.peek('/sys/dir/none')).toMatchObject({ outcome: 'completed', value: -ENOENT })
    expect(stateOf(machine)).toEqual(before)
    expect(machine.read('/sys/dir/file')).toBe('42\n')
  })

  it.each([
    ['it dereferences NULL', () => (null as unknown as { field: string }).field],
    ['it raises an Oops', () => oops('x')],
    ['it hits a BUG', () => BUG('x.c:1')],
  ])('reports that the reader would die if %s, and kills no task', (_what, read) => {
    const machine = bootWithFile(read)
    const before = stateOf(machine)
    expect(machine.peek('/sys/dir/file')).toEqual({ outcome: 'oops', usedFreed: false })
    expect(stateOf(machine)).toEqual(before)
    expect(machine.read('/sys/dir/file')).toBeNull()
    expect(machine.console.filter((line) => line.startsWith('Oops: '))).toHaveLength(1)
  })

  it('reports that the reader would wait for a lock of a dead task', () => {
    const lock = new mutex('of_mutex')
    const machine = bootWithFile(() => {
      mutex_lock(lock)
      mutex_unlock(lock)
      return ''
    })
    machine.task('init', () => {
      mutex_lock(lock)
      oops('x')
    })
    const before = stateOf(machine)
    expect(machine.peek('/sys/dir/file')).toEqual({ outcome: 'deadlock', usedFreed: false })
    expect(stateOf(machine)).toEqual(before)
    expect(lock.holders).toHaveLength(1)
  })

  it('reports that the reader would loop, without tainting the kernel', () => {
    const machine = bootWithFile(() => spinForever('loop'))
    expect(machine.peek('/sys/dir/file')).toMatchObject({ outcome: 'deadlock' })
    expect(machine.console).toEqual([])
  })

  it('undoes references, locks and allocations, even if the reader dies', ({ machine }) => {
    const one = run(machine, new_thing)
    const [held, writing, spin] = [new mutex('a'), new rw_semaphore('b'), new spinlock('c')]
    const work = new work_struct(() => undefined, 'work')
    run(machine, () => {
      const dir = must(kobject_create_and_add('dir', null))
      sysfs_create_file(dir, 'file', () => {
        kobject_get(one.kobj)
        mutex_lock(held)
        down_write(writing)
        spin_lock(spin)
        schedule_work(work)
        must(kzalloc(thing))
        return oops('x')
      })
    })
    const before = stateOf(machine)
    machine.peek('/sys/dir/file')
    expect(stateOf(machine)).toEqual(before)
    expect(one.kobj.kref.refcount.refs).toBe(1)
    expect([held.holders, writing.holders, writing.writer, spin.holders, work.pending]).toEqual([
      [],
      [],
      false,
      [],
      false,
    ])
    expect(run(machine, () => new_thing().slab?.id)).toBe('thing#1')
  })

  it('frees, releases, overwrites and prints nothing', ({ machine }) => {
    const one = run(machine, new_thing)
    const bytes = run(machine, () => must(kstrdup('bytes')))
    run(machine, () => {
      const dir = must(kobject_create_and_add('dir', null))
      sysfs_create_file(dir, 'file', () => {
        memset(bytes, 0x78, 2)
        writeByte(bytes, 2, 0x78)
        const shown = text(bytes)
        kfree(bytes)
        kobject_put(one.kobj)
        WARN_ONCE(true, 'x.c:1', 'once\n')
        pr_err('line\n')
        rcu_read_lock()
        synchronize_rcu()
        return shown
      })
    })
    const before = stateOf(machine)
    expect(machine.peek('/sys/dir/file')).toMatchObject({ value: 'xxxes' })
    expect(stateOf(machine)).toEqual(before)
    expect(machine.inspect(() => text(bytes))).toBe('bytes')
    expect(one.kobj.kref.refcount.refs).toBe(1)
  })

  it('reads freed memory as the kernel does, and reports the access', ({ machine }) => {
    const one = run(machine, new_thing)
    const name = run(machine, () => must(kstrdup('name')))
    run(machine, () => {
      const dir = must(kobject_create_and_add('dir', null))
      sysfs_create_file(dir, 'name', () => text(name))
      sysfs_create_file(dir, 'value', () => {
        one.value = 3
        return String(one.value)
      })
      sysfs_create_file(dir, 'other', () => String(must(one.other).value))
      kfree(name)
      kfree(one)
    })
    const before = stateOf(machine)
    expect(machine.peek('/sys/dir/name')).toMatchObject({
      value: 'kkkkkkk\xa5' + '\xbb'.repeat(8),
      usedFreed: true,
    })
    expect(machine.peek('/sys/dir/value')).toMatchObject({ value: '3', usedFreed: true })
    expect(machine.peek('/sys/dir/other')).toMatchObject({ outcome: 'oops', usedFreed: true })
    expect(stateOf(machine)).toEqual(before)
    expect(machine.inspect(() => one.value)).toBe(1)
    expect(run(machine, () => one.value)).toBe(0x6b6b6b6b)
  })

  it('does not use up injected allocation failures', () => {
    const machine = bootWithFile(() => text(must(kmalloc(4))))
    let asked = 0
    run(machine, () => {
      injectAllocationFailures(() => ++asked > 0)
    })
    expect(machine.peek('/sys/dir/file')).toMatchObject({ outcome: 'completed' })
    expect(asked).toBe(0)
  })

  it('passes on errors that are not kernel faults', () => {
    const machine = bootWithFile(() => {
      throw new Error('a fault of the test')
    })
    expect(() => machine.peek('/sys/dir/file')).toThrow('a fault of the test')
    expect([machine.inspecting, machine.trial]).toEqual([false, null])
  })
})

describe('a peek at a link', () => {
  it('shows its text and its target', () => {
    const machine = bootWithFile(() => '')
    expect(machine.peekLink('/sys/dir/link')).toMatchObject({ value: '../target', target: '/sys/target' })
    run(machine, () => {
      const gone = must(kobject_create_and_add('gone', null))
      const dir = must(kobject_create_and_add('other', null))
      sysfs_create_link(dir, gone, 'link')
      kobject_put(gone)
    })
    expect(machine.peekLink('/sys/other/link')).toMatchObject({ value: '../gone', target: null })
    expect(machine.peekLink('/sys/other/none')).toMatchObject({ value: -ENOENT, target: null })
  })
})

it('a pointer made in a trial is a pointer like any other', ({ machine }) => {
  const made = machine.tryOut(() => kmalloc(8))
  expect(made).toMatchObject({ outcome: 'completed' })
  if (made.outcome === 'completed') expect(made.value).toBeInstanceOf(cstr)
})
