// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import {
  embed,
  embedded,
  fileScope,
  kfree,
  kstrdup,
  kzalloc,
  memblock_alloc,
  scanMemory,
  struct,
  type cstr,
} from '../src/index.ts'
import { must } from '../src/testing.ts'
import { boot, it } from './support.ts'

class part extends embedded {}

class thing extends struct {
  next: thing | null = null
  name: cstr | null = null
  readonly part: part = embed(this, new part())
}

const variables = fileScope(() => ({ head: null as thing | null, inner: null as part | null }))

/** Returns the objects that cannot be reached after `body`, without those of the boot. */
function lostAfter(body: () => void): string[] {
  const machine = boot()
  machine.step = 1
  machine.task('init', body)
  return scanMemory(machine, (object) => object instanceof thing)
    .unreachable.filter(({ step }) => step === 1)
    .map(({ object }) => object)
}

function make_thing(): thing {
  const made = kzalloc(thing)
  if (made === null) throw new Error('no memory')
  return made
}

describe('a memory scan', () => {
  it('finds unreachable objects, with the step and the call chain of their allocation', ({ machine }) => {
    machine.step = 3
    machine.task('init', () => make_thing())
    expect(scanMemory(machine, (object) => object instanceof thing).unreachable).toEqual([
      { object: 'thing#0', struct: 'thing', step: 3, allocatedBy: ['kzalloc', 'make_thing'] },
    ])
  })

  it('finds neither freed nor reachable objects', () => {
    expect(lostAfter(() => kfree(make_thing()))).toEqual([])
    const keep = (): void => {
      const first = make_thing()
      first.next = make_thing()
      first.next.name = kstrdup('name')
      variables().head = first
    }
    expect(lostAfter(keep)).toEqual([])
  })

  it('treats a pointer into an object as a pointer to the object', () => {
    expect(lostAfter(() => (variables().inner = make_thing().part))).toEqual([])
  })

  it('reports only the roots of unreachable objects, and one object of a ring', () => {
    const chain = (): void => {
      make_thing().next = make_thing()
    }
    expect(lostAfter(chain)).toEqual(['thing#0'])
    const ring = (): void => {
      const first = make_thing()
      first.next = make_thing()
      first.next.next = first
    }
    expect(lostAfter(ring)).toEqual(['thing#0'])
    const ringsAndRoot = (): void => {
      ring()
      ring()
      make_thing()
    }
    expect(lostAfter(ringsAndRoot)).toEqual(['thing#0', 'thing#2', 'thing#4'])
    const rootAfter = (): void => {
      const last = make_thing()
      make_thing().next = last
    }
    expect(lostAfter(rootAfter)).toEqual(['thing#1'])
    const rootAfterRing = (): void => {
      const first = make_thing()
      first.next = make_thing()
      first.next.next = first
      make_thing().next = first
    }
    expect(lostAfter(rootAfterRing)).toEqual(['thing#2'])
  })

  it('reports the same roots as a comparison of all pairs', () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 12 })
    fc.assert(
      fc.property(edges, (all) => {
        const next = new Map(all)
        const leads = (from: number, to: number): boolean => {
          const seen = new Set<number>([from])
          for (let at = next.get(from); at !== undefined && !seen.has(at); at = next.get(at)) seen.add(at)
          return seen.has(to)
        }
        const indices = Array.from({ length: 8 }, (_, index) => index)
        const expected = indices.filter((one) =>
          indices.every((other) => !leads(other, one) || (leads(one, other) && one <= other)),
        )
        const lost = lostAfter(() => {
          const things = indices.map(() => make_thing())
          for (const [from, to] of next) must(things[from]).next = must(things[to])
        })
        expect(lost).toEqual(expected.map((index) => `thing#${String(index)}`))
      }),
      { numRuns: 60 },
    )
  })

  it('does not report objects that only boot memory leads to', () => {
    const onBootMemory = (): void => {
      memblock_alloc(thing).next = make_thing()
    }
    expect(lostAfter(onBootMemory)).toEqual([])
    const inRingWithBootMemory = (): void => {
      const first = make_thing()
      first.next = memblock_alloc(thing)
      first.next.next = first
    }
    expect(lostAfter(inRingWithBootMemory)).toEqual([])
  })

  it('does not follow pointers in freed memory', ({ machine }) => {
    machine.step = 1
    machine.task('init', () => {
      const first = make_thing()
      first.next = make_thing()
      variables().head = first
      kfree(first)
    })
    expect(
      scanMemory(machine, (object) => object instanceof thing).unreachable.map(({ object }) => object),
    ).toEqual(['thing#1'])
  })

  it('counts the pointers to an object', ({ machine }) => {
    let target: thing | null = null
    machine.task('init', () => {
      target = make_thing()
      variables().head = make_thing()
      const { head } = variables()
      if (head !== null) head.next = target
      variables().inner = target.part
    })
    expect(
      scanMemory(machine, (object) => object instanceof thing).pointers.get(target as unknown as object),
    ).toHaveLength(1)
  })

  it('leaves no trace', ({ machine }) => {
    machine.task('init', () => make_thing())
    const before = machine.events.length
    scanMemory(machine, (object) => object instanceof thing)
    expect(machine.events).toHaveLength(before)
  })
})
