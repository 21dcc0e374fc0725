// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { kfree, kmalloc, mutex, mutex_lock, type Machine } from '../src/index.ts'
import { boot, eventsOf, functionsOf, must, run } from './support.ts'

/** Frees a buffer twice, and has the kernel say who did what. */
function use_twice(): void {
  const p = must(kmalloc(1))
  kfree(p)
  kfree(p)
}

function use_once(): void {
  kfree(kmalloc(1))
}

const booted = (callChains: boolean | ReadonlySet<number>, body = use_twice): Machine => {
  const machine = boot({}, { callChains })
  run(machine, body)
  return machine
}

describe('call chains', () => {
  it('are recorded of the events that were asked for, and of no others', () => {
    const all = booted(true, use_once)
    const wanted = must(eventsOf(all, 'free')[0]).seq
    const machine = booted(new Set([wanted]), use_once)
    expect(machine.events.map(({ seq }) => seq)).toEqual(all.events.map(({ seq }) => seq))
    for (const [index, event] of machine.events.entries()) {
      expect(event.chain).toEqual(event.seq === wanted ? must(all.events[index]).chain : [])
    }
  })

  it('that the kernel wanted to print and that were not recorded are known by their events', () => {
    const machine = booted(false)
    const [free] = eventsOf(machine, 'free')
    const [alloc] = eventsOf(machine, 'alloc').filter(({ object }) => object === free?.object)
    expect([...machine.lackingChains]).toEqual([must(alloc).seq, must(free).seq])
    const again = booted(machine.lackingChains)
    expect([...again.lackingChains]).toEqual([])
    expect(again.console).toEqual(booted(true).console)
    expect(again.console).not.toEqual(machine.console)
  })

  it('of the taking of locks are asked for like those of events', () => {
    const lock_twice = (callChains: boolean | ReadonlySet<number>): Machine => {
      const machine = boot({}, { callChains })
      machine.task('test', () => {
        const lock = new mutex('m')
        mutex_lock(lock)
        mutex_lock(lock)
      })
      return machine
    }
    const first = lock_twice(false)
    expect(first.lackingChains.size).toBe(1)
    expect(lock_twice(first.lackingChains).console).toEqual(lock_twice(true).console)
  })

  it('tell the names of their functions without the rest, before and after the rest was read', () => {
    const [event] = eventsOf(booted(true), 'double-free')
    const { functions } = must(event)
    expect(functions.slice(0, 2)).toEqual(['kfree', 'use_twice'])
    expect(functions).toEqual(functionsOf(must(event).chain))
    const [other] = eventsOf(booted(true), 'double-free')
    expect(functionsOf(must(other).chain)).toEqual(must(other).functions)
  })

  it('have no names either where they were not recorded', () => {
    for (const event of booted(false).events) expect(event.functions).toEqual([])
  })
})
