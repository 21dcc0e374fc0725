// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  advance,
  be32_to_cpup,
  fromBytes,
  kmalloc,
  kmemdup,
  kstrdup,
  le32_to_cpup,
  literal,
  memcmp,
  memcpy,
  memset,
  readByte,
  readBytes,
  strcasecmp,
  strcmp,
  strlen,
  strncmp,
  text,
  toBytes,
  writeByte,
} from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { boot, it } from './support.ts'

describe('a pointer to bytes', () => {
  it('shares its bytes with every copy: a wipe through one is visible through all', () => {
    const seen = run(boot(), () => {
      const value = must(kstrdup('ibm,random-v1'))
      const name = value
      memset(value, 0, strlen(value))
      return [text(name), readBytes(name, 14).length]
    })
    expect(seen).toEqual(['', 14])
  })

  it('points into the same memory when advanced', () => {
    const seen = run(boot(), () => {
      const p = must(kstrdup('vdevice'))
      const q = advance(p, 1)
      writeByte(q, 0, 'X'.charCodeAt(0))
      return [text(p), text(q), advance(p, 0) === p, q === p]
    })
    expect(seen).toEqual(['vXevice', 'Xevice', true, false])
  })

  it('reads 0 beyond the end of its memory, where strings also end', () => {
    const seen = run(boot(), () => {
      const p = must(kmemdup(toBytes('ab', false)))
      return [text(p), readByte(p, 2), be32_to_cpup(p)]
    })
    expect(seen).toEqual(['ab', 0, 0x61620000])
  })

  it('to read-only data faults on any kind of write', () => {
    for (const write of [
      () => memset(literal('<NULL>'), 0, 6),
      () => memcpy(literal('<NULL>'), toBytes('x'), 1),
      () => {
        writeByte(literal('<NULL>'), 0, 0)
      },
    ]) {
      const machine = boot()
      machine.task('test', write)
      expect(machine.outcome).toBe('oops')
      expect(eventsOf(machine, 'oops')[0]?.reason).toMatch(/^Unable to handle kernel paging request for data/)
    }
  })

  it('to read-only data accepts a write of 0 bytes', ({ machine }) => {
    run(machine, () => memset(literal('<NULL>'), 0, 0))
    run(machine, () => memcpy(literal('<NULL>'), toBytes('x'), 0))
    expect(machine.outcome).toBe('completed')
  })
})

describe('cells', () => {
  it('are read in the byte order that the function’s name gives', () => {
    const seen = run(boot(), () => {
      const p = must(kmemdup(Uint8Array.of(0, 0, 0, 0, 0xff, 0xff, 0xff, 0xf5)))
      return [be32_to_cpup(p, 1), le32_to_cpup(p, 1), be32_to_cpup(p)]
    })
    expect(seen).toEqual([0xfffffff5, 0xf5ffffff, 0])
  })
})

describe('string functions', () => {
  it('compare like lib/string.c', () => {
    expect([strcmp('a', 'b'), strcmp('b', 'a'), strcmp('a', 'a'), strcmp('', 'a')]).toEqual([-1, 1, 0, -1])
    expect([strncmp('ibm,x', 'ibm,y', 4), strncmp('ibm,x', 'ibm,y', 5)]).toEqual([0, -1])
    expect([strcasecmp('VDevice', 'vdevice'), strcasecmp('a', 'B')]).toEqual([0, -1])
  })

  it('compare memory byte by byte', () => {
    const seen = run(boot(), () => {
      const a = must(kmemdup(Uint8Array.of(1, 2, 3)))
      const b = must(kmemdup(Uint8Array.of(1, 2, 5)))
      return [memcmp(a, b, 2), memcmp(a, b, 3), memcmp(b, a, 3)]
    })
    expect(seen).toEqual([0, -2, 2])
  })

  it('copy from memory and from bytes; a source that is too short is filled up with zeros', () => {
    const seen = run(boot(), () => {
      const to = must(kmalloc(4))
      memset(to, 0xff, 4)
      memcpy(to, must(kstrdup('abc')), 2)
      memcpy(advance(to, 2), Uint8Array.of(1), 2)
      return [...readBytes(to, 4)]
    })
    expect(seen).toEqual([0x61, 0x62, 1, 0])
  })

  it('never write beyond the end of the memory', () => {
    const seen = run(boot(), () => {
      const p = must(kmalloc(2))
      memset(p, 1, 10)
      memcpy(p, toBytes('long'), 5)
      return [...readBytes(p, 10)]
    })
    expect(seen).toEqual([0x6c, 0x6f])
  })

  it('preserve every Latin-1 text through memory', () => {
    const latin1 = fc.string({
      unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    })
    const machine = boot()
    fc.assert(
      fc.property(latin1, (value) => {
        expect(run(machine, () => text(must(kstrdup(value))))).toBe(value)
        expect(fromBytes(toBytes(value, false))).toBe(value)
        expect(strlen(value)).toBe(value.length)
      }),
    )
  })

  it('read a string of a megabyte', () => {
    expect(run(boot(), () => strlen(must(kmemdup(new Uint8Array(1 << 20).fill(0x61)))))).toBe(1 << 20)
  })
})
