// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { kfree, kmalloc, mutex, mutex_lock, type ChainChoice, type Machine } from '../src/index.ts'
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

const booted = (callChains: boolean | ChainChoice, body = use_twice): Machine => {
  const machine = boot({}, { callChains })
  run(machine, body)
  return machine
}

describe('call chains', () => {
  it('are recorded of the events that were chosen, and of no others', () => {
    const all = booted(true, use_once)
    const machine = booted((type, { struct }) => type === 'free' && struct === 'bytes', use_once)
    expect(machine.events.map(({ seq }) => seq)).toEqual(all.events.map(({ seq }) => seq))
    for (const [index, event] of machine.events.entries()) {
      expect(event.chain).toEqual(event.type === 'free' ? must(all.events[index]).chain : [])
    }
  })

  it('that were not recorded are known to be lacking once somebody asked for one', () => {
    const machine = booted((type) => type === 'free', use_once)
    const [free] = eventsOf(machine, 'free')
    const [alloc] = eventsOf(machine, 'alloc')
    expect(must(free).functions).not.toEqual([])
    expect(machine.lacksChains).toBe(false)
    expect(must(alloc).functions).toEqual([])
    expect(machine.lacksChains).toBe(true)
  })

  it('that the kernel itself prints are there as soon as any are', () => {
    const all = booted(true)
    const some = booted(() => false)
    expect(some.console).toEqual(all.console)
    expect(some.lacksChains).toBe(false)
    const none = booted(false)
    expect(none.console).not.toEqual(all.console)
    expect(none.lacksChains).toBe(true)
  })

  it('of the taking of locks are like those of memory', () => {
    const lock_twice = (callChains: boolean | ChainChoice): Machine => {
      const machine = boot({}, { callChains })
      machine.task('test', () => {
        const lock = new mutex('m')
        mutex_lock(lock)
        mutex_lock(lock)
      })
      return machine
    }
    expect(lock_twice(() => false).console).toEqual(lock_twice(true).console)
    expect(lock_twice(() => false).lacksChains).toBe(false)
    expect(lock_twice(false).lacksChains).toBe(true)
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
