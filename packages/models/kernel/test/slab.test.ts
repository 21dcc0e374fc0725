// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect } from 'vitest'
import {
  advance,
  be32_to_cpup,
  container_of,
  injectAllocationFailures,
  isFreed,
  kfree,
  KMALLOC_MAX_SIZE,
  kmalloc,
  kmemdup,
  kobject_get,
  kstrdup,
  kzalloc,
  literal,
  memblock_alloc,
  memcpy,
  memset,
  objectId,
  readByte,
  readBytes,
  struct,
  text,
  toBytes,
  writeByte,
  type kobject,
} from '../src/index.ts'
import { consoleOf, eventsOf, must, run } from '../src/testing.ts'
import { boot, functionsOf, it, new_thing, thing } from './support.ts'

/** `owner` is also a field of many kernel structs, so it must be trapped too. */
class pair extends struct {
  owner = 1
  first: pair | null = null
  count = 7
  ready = false
  callback: (() => number) | null = null
}

function allocating_function(): pair {
  return must(kzalloc(pair))
}

function freeing_function(p: pair): void {
  kfree(p)
}

function touching_function(p: pair): unknown {
  return p.count
}

describe('kzalloc and kmalloc', () => {
  it('name objects by struct and order, never by address', ({ machine }) => {
    const names = run(machine, () => [
      objectId(must(kzalloc(pair))),
      objectId(must(kzalloc(pair))),
      objectId(must(kmalloc(3)).memory),
    ])
    expect(names.slice(0, 2)).toEqual(['pair#0', 'pair#1'])
    expect(names[2]).toMatch(/^bytes#\d+$/)
    expect(eventsOf(machine, 'alloc').at(-1)).toMatchObject({ object: names[2], struct: 'bytes', size: 3 })
  })

  it('return zeroed bytes', () => {
    expect(run(boot(), () => [...readBytes(must(kmalloc(4)), 4)])).toEqual([0, 0, 0, 0])
  })

  it('return NULL while failures are injected', () => {
    const results = run(boot(), () => {
      injectAllocationFailures((name) => name === 'pair' || name === 'bytes')
      const failed = [kzalloc(pair), kmalloc(1), kstrdup('a'), kmemdup(toBytes('a'))]
      const other = kzalloc(thing)
      injectAllocationFailures(null)
      return { failed, other, later: [kzalloc(pair), kmalloc(1)] }
    })
    expect(results.failed).toEqual([null, null, null, null])
    expect(results.other).not.toBeNull()
    expect(results.later).not.toContain(null)
  })

  it('serve kstrdup, which returns NULL for NULL', () => {
    expect(run(boot(), () => kstrdup(null))).toBeNull()
  })
})

describe('kmalloc above the maximum size', () => {
  it.each([KMALLOC_MAX_SIZE + 1, -1])('fails for %i bytes', (size) => {
    expect(run(boot(), () => kmalloc(size))).toBeNull()
  })

  it('warns once', ({ machine }) => {
    run(machine, () => [kmalloc(KMALLOC_MAX_SIZE + 1), kmalloc(KMALLOC_MAX_SIZE + 1)])
    const [warning, ...more] = eventsOf(machine, 'warn')
    expect(warning).toMatchObject({
      file: 'mm/page_alloc.c',
      line: 4065,
      function: '__alloc_pages_slowpath',
      text: '',
    })
    expect(more).toEqual([])
  })

  it('starts above 16 MiB', () => {
    expect(run(boot(), () => kmalloc(KMALLOC_MAX_SIZE))).not.toBeNull()
  })
})

describe('a freed struct', () => {
  it('reports the functions that allocated, freed and accessed it', ({ machine }) => {
    run(machine, () => {
      const p = allocating_function()
      freeing_function(p)
      touching_function(p)
    })
    const [fault] = eventsOf(machine, 'use-after-free')
    expect(fault).toMatchObject({ object: 'pair#0', struct: 'pair', field: 'count', access: 'read' })
    expect(must(fault).allocatedBy).toEqual(['kzalloc', 'allocating_function'])
    expect(must(fault).freedBy).toEqual(['kfree', 'freeing_function'])
    expect(functionsOf(must(fault).chain)).toEqual(['touching_function'])
  })

  it('traps every kernel field', ({ machine }) => {
    run(machine, () => {
      const p = allocating_function()
      kfree(p)
      expect(p.owner).toBe(0x6b6b6b6b)
    })
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([{ field: 'owner' }])
  })

  it('reports a write as a write', () => {
    const machine = boot({ slubPoison: false })
    const p = run(machine, () => {
      const freed = allocating_function()
      kfree(freed)
      freed.count = 9
      return freed
    })
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([{ field: 'count', access: 'write' }])
    expect(machine.inspect(() => p.count)).toBe(7)
  })

  it('reads as poison with slub_debug: numbers as 6b, flags as set', () => {
    const machine = boot({ slubPoison: true })
    const seen = run(machine, () => {
      const p = allocating_function()
      kfree(p)
      return [p.count, p.ready]
    })
    expect(seen).toEqual([0x6b6b6b6b, true])
  })

  it('keeps its old values without slub_debug', () => {
    const machine = boot({ slubPoison: false })
    const seen = run(machine, () => {
      const p = allocating_function()
      p.first = p
      kfree(p)
      return p.first === p && p.count === 7
    })
    expect(seen).toBe(true)
    expect(eventsOf(machine, 'use-after-free')).toHaveLength(2)
  })

  it('has pointers that can be copied, but reading through one is an Oops', ({ machine }) => {
    let copied = false
    const result = machine.task('test', function follow_freed() {
      const p = allocating_function()
      kfree(p)
      const dangling = p.first
      copied = dangling !== null
      return must(dangling).count
    })
    expect(copied).toBe(true)
    expect(result).toBeNull()
    expect(eventsOf(machine, 'oops')).toMatchObject([
      {
        function: 'follow_freed',
        reason: 'Unable to handle kernel paging request for data at address 0x6b6b6b6b6b6b6b6b',
      },
    ])
  })

  it.each<[string, (p: pair) => unknown]>([
    ['writing through', (p) => (must(p.first).count = 1)],
    ['calling', (p) => must(p.callback)()],
    ['testing for a member of', (p) => 'count' in must(p.first)],
    ['reading a string at', (p) => text(p.first as never)],
  ])('causes an Oops when code is %s a poisoned pointer', (_what, touch) => {
    const machine = boot()
    machine.task('test', () => {
      const p = allocating_function()
      kfree(p)
      touch(p)
    })
    expect(machine.outcome).toBe('oops')
  })

  it('is not an instance of any class when reached through a poisoned pointer', ({ machine }) => {
    const seen = run(machine, () => {
      const p = allocating_function()
      kfree(p)
      return p.first instanceof pair
    })
    expect(seen).toBe(false)
  })

  it('also traps its embedded structs', () => {
    const machine = boot({ slubPoison: false })
    run(machine, () => {
      const one = new_thing()
      const { kobj } = one
      kfree(one)
      kobject_get(kobj)
    })
    const fields = eventsOf(machine, 'use-after-free').map((event) => `${event.access} ${event.field}`)
    expect(fields).toContain('read kobj.state_initialized')
    expect(fields).toContain('read kobj.kref.refcount.refs')
    expect(fields).toContain('write kobj.kref.refcount.refs')
    expect(fields.every((field) => !field.includes('ownerName') && !field.includes('container'))).toBe(true)
  })

  it('can be inspected as it was, without a trace', ({ machine }) => {
    const p = run(machine, () => {
      const freed = allocating_function()
      kfree(freed)
      return freed
    })
    const before = machine.events.length
    expect(machine.inspect(() => [p.count, p.ready, isFreed(p)])).toEqual([7, false, true])
    expect(machine.events).toHaveLength(before)
  })
})

describe('kfree', () => {
  it('accepts NULL', ({ machine }) => {
    const before = machine.events.length
    run(machine, () => {
      kfree(null)
    })
    expect(machine.events).toHaveLength(before)
  })

  it.each<[string, () => Parameters<typeof kfree>[0]]>([
    ['a string literal', () => literal('text')],
    ['boot memory', () => memblock_alloc(pair)],
    ['the middle of an allocation', () => advance(must(kmalloc(4)), 1)],
  ])('of %s is a BUG', (_what, pointer) => {
    const machine = boot()
    machine.task('test', function wrong_free() {
      kfree(pointer())
    })
    expect(machine.outcome).toBe('oops')
    expect(eventsOf(machine, 'oops')[0]?.reason).toMatch(/^kernel BUG at mm\/slub\.c:\d+!$/)
  })

  it('detects a double free with slub_debug, with the functions that allocated and freed', ({ machine }) => {
    const lines = consoleOf(machine, () => {
      run(machine, function use_buffer() {
        const p = must(kstrdup('abc'))
        kfree(p)
        kfree(p)
      })
    })
    expect(lines[0]).toBe('='.repeat(77))
    expect(lines[1]).toBe('BUG kmalloc-8 (Not tainted): Object already free')
    expect(lines[2]).toBe('-'.repeat(77))
    expect(lines).toContain('Disabling lock debugging due to kernel taint')
    expect(lines).toContain('INFO: Allocated in use_buffer')
    expect(lines).toContain('INFO: Freed in use_buffer')
    expect(lines.filter((line) => line.startsWith('\t'))).toEqual(
      ['kmalloc', 'kmemdup', 'kstrdup', 'use_buffer', 'kfree', 'use_buffer'].map((name) => `\t${name}`),
    )
    expect(lines).toContain('CPU: 0 PID: 2 Comm: test Tainted: G    B             4.18.0')
    expect(lines.at(-1)).toMatch(/^FIX kmalloc-8: Object at bytes#\d+ not freed$/)
    expect(eventsOf(machine, 'double-free')).toMatchObject([{ struct: 'bytes' }])
    expect(eventsOf(machine, 'free')).toHaveLength(1)
  })

  it('prints only once that lock debugging is disabled', ({ machine }) => {
    run(machine, () => {
      const p = must(kmalloc(1))
      kfree(p)
      kfree(p)
      kfree(p)
    })
    expect(machine.console.filter((line) => line.startsWith('Disabling lock'))).toHaveLength(1)
    expect(machine.console.filter((line) => line.startsWith('BUG '))).toEqual([
      'BUG kmalloc-8 (Not tainted): Object already free',
      `BUG kmalloc-8 (Tainted: G    B${' '.repeat(12)}): Object already free`,
    ])
  })

  it('records a double free without slub_debug, but prints nothing', () => {
    const machine = boot({ slubPoison: false })
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const p = allocating_function()
        kfree(p)
        kfree(p)
      })
    })
    expect(lines).toEqual([])
    expect(eventsOf(machine, 'double-free')).toMatchObject([{ object: 'pair#0' }])
  })

  it('names no function on a machine that records no call chains', () => {
    const machine = boot({}, { callChains: false })
    run(machine, () => {
      const p = allocating_function()
      kfree(p)
      kfree(p)
    })
    expect(machine.console.some((line) => line.startsWith('INFO: '))).toBe(false)
    expect(machine.console).toContain('BUG pair (Not tainted): Object already free')
  })

  it.each([
    [0, 8],
    [8, 8],
    [9, 16],
    [65, 96],
    [96, 96],
    [97, 128],
    [129, 192],
    [193, 256],
    [4096, 4096],
  ])('serves %i bytes from kmalloc-%i', (size, cache) => {
    const machine = boot()
    run(machine, () => {
      const p = must(kmalloc(size))
      kfree(p)
      kfree(p)
    })
    expect(machine.console.some((line) => line.startsWith(`BUG kmalloc-${String(cache)} `))).toBe(true)
  })
})

describe('a freed buffer', () => {
  it('is filled with 6b and ends in a5 with slub_debug; reading it is a use after free', ({ machine }) => {
    const seen = run(machine, () => {
      const p = must(kstrdup('abc'))
      kfree(p)
      return [...readBytes(p, 8)]
    })
    expect(seen).toEqual([0x6b, 0x6b, 0x6b, 0x6b, 0x6b, 0x6b, 0x6b, 0xa5])
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([{ field: 'bytes', access: 'read' }])
  })

  it('keeps its bytes without slub_debug', () => {
    const machine = boot({ slubPoison: false })
    const seen = run(machine, () => {
      const p = must(kstrdup('abc'))
      kfree(p)
      return text(p)
    })
    expect(seen).toBe('abc')
    expect(eventsOf(machine, 'use-after-free')).toHaveLength(1)
  })

  it.each([true, false])('shows its last content to inspection (slub_debug %s)', (slubPoison) => {
    const machine = boot({ slubPoison })
    const p = run(machine, () => {
      const freed = must(kstrdup('abc'))
      kfree(freed)
      return freed
    })
    expect(machine.inspect(() => text(p))).toBe('abc')
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })

  it('reports one use after free per call, whatever its length', ({ machine }) => {
    run(machine, () => {
      const p = must(kmalloc(8))
      kfree(p)
      memset(p, 0, 8)
      memcpy(p, toBytes('abcdefg'), 8)
      writeByte(p, 0, 1)
      be32_to_cpup(p)
      readByte(p, 0)
    })
    expect(eventsOf(machine, 'use-after-free').map((event) => event.access)).toEqual([
      'write',
      'write',
      'write',
      'read',
      'read',
    ])
  })
})

describe('container_of', () => {
  it('returns the struct that embeds another', () => {
    const one = run(boot(), new_thing)
    expect(container_of<thing>(one.kobj)).toBe(one)
    expect(container_of<kobject>(one.kobj.kref)).toBe(one.kobj)
  })
})
