// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  EINVAL,
  EIO,
  EISDIR,
  ELOOP,
  ENODEV,
  ENOENT,
  ENOTDIR,
  kernelKobject,
  kobject_create_and_add,
  proc_create,
  sysfs_create_file,
  sysfs_create_link,
  type Machine,
} from '../src/index.ts'
import { must, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

function bootWithFiles(): Machine {
  const machine = boot()
  run(machine, () => {
    const a = must(kobject_create_and_add('a', null))
    const b = must(kobject_create_and_add('b', a))
    sysfs_create_file(b, 'file', () => 'text\n')
    sysfs_create_link(a, b, 'link')
    proc_create('device-tree', { link: '/sys/a' })
    proc_create('powerpc/ofdt', { write: (data) => data.length })
    proc_create('version', { read: () => 'Linux version 4.18.0\n' })
  })
  return machine
}

describe('reading', () => {
  it.each([
    ['/sys/a/b/file', 'text\n'],
    ['/sys/a/link/file', 'text\n'],
    ['/sys/a/./b/../b//file', 'text\n'],
    ['/sys/../a/b/file', 'text\n'],
    ['/proc/version', 'Linux version 4.18.0\n'],
    ['/proc/device-tree/b/file', 'text\n'],
    ['/proc/device-tree/link/file', 'text\n'],
    ['/sys/a/b', -EISDIR],
    ['/sys/a/link', -EISDIR],
    ['/proc/powerpc', -EISDIR],
    ['/proc', -EISDIR],
    ['/sys/a/b/file/more', -ENOTDIR],
    ['/sys/nothing', -ENOENT],
    ['/proc/nothing', -ENOENT],
    ['/proc/version/more', -ENOTDIR],
    ['/proc/powerpc/ofdt', -EIO],
    ['/etc/passwd', -ENOENT],
    ['', -ENOENT],
  ])('%s returns %j', (path, expected) => {
    expect(bootWithFiles().read(path)).toBe(expected)
  })

  it('returns the errno of the file', ({ machine }) => {
    run(machine, () => {
      proc_create('broken', { read: () => -ENODEV })
    })
    expect(machine.read('/proc/broken')).toBe(-ENODEV)
  })

  it('fails for a link that points to itself', ({ machine }) => {
    run(machine, () => {
      proc_create('loop', { link: '/proc/loop' })
    })
    expect(machine.read('/proc/loop')).toBe(-ELOOP)
  })
})

describe('writing', () => {
  it.each([
    ['/proc/powerpc/ofdt', 3],
    ['/proc/version', -EIO],
    ['/sys/a/b', -EISDIR],
    ['/proc/powerpc', -EISDIR],
    ['/sys/nothing', -ENOENT],
  ])('to %s returns %j', (path, expected) => {
    expect(bootWithFiles().write(path, 'abc')).toBe(expected)
  })

  it('passes bytes unchanged, and text as Latin-1', ({ machine }) => {
    const seen: number[][] = []
    run(machine, () => {
      proc_create('sink', {
        write: (data) => {
          seen.push([...data])
          return data.length
        },
      })
    })
    machine.write('/proc/sink', Uint8Array.of(0, 255))
    machine.write('/proc/sink', 'a\u00ff')
    expect(seen).toEqual([
      [0, 255],
      [0x61, 0xff],
    ])
  })

  it('runs as a task of its own', () => {
    const machine = bootWithFiles()
    const before = machine.tasks.length
    machine.write('/proc/powerpc/ofdt', 'x')
    expect(machine.tasks.slice(before).map((task) => task.comm)).toEqual(['init'])
  })
})

describe('listing a directory', () => {
  it.each([
    ['/sys', ['a', 'bus', 'devices', 'kernel']],
    ['/sys/a', ['b', 'link']],
    ['/sys/a/link', ['file']],
    ['/proc', ['device-tree', 'powerpc', 'version']],
    ['/proc/powerpc', ['ofdt']],
    ['/proc/device-tree', ['b', 'link']],
    ['/sys/a/b/file', -ENOTDIR],
    ['/proc/version', -ENOTDIR],
    ['/sys/nothing', -ENOENT],
  ])('%s returns %j', (path, expected) => {
    expect(bootWithFiles().readdir(path)).toEqual(expected)
  })
})

describe('reading a link', () => {
  it.each([
    ['/sys/a/link', 'b'],
    ['/proc/device-tree', '/sys/a'],
    ['/proc/device-tree/link', 'b'],
    ['/sys/a/b', -EINVAL],
    ['/sys/a/nothing', -ENOENT],
    ['/sys/nothing/link', -ENOENT],
    ['/proc/version', -EINVAL],
    ['/proc/version/link', -ENOTDIR],
    ['/sys/a/b/file/link', -ENOTDIR],
    ['/', -ENOENT],
  ])('%s returns %j', (path, expected) => {
    expect(bootWithFiles().readlink(path)).toBe(expected)
  })
})

describe('/sys/kernel', () => {
  it('exists for the files of subsystems', ({ machine }) => {
    run(machine, () => {
      sysfs_create_file(must(kernelKobject()), 'file', () => 'x')
    })
    expect(machine.read('/sys/kernel/file')).toBe('x')
  })
})
