// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { isKernelFunction, kfree, kmalloc, type Machine } from '../src/index.ts'
import { callsAtFault } from '../src/machine/calls.ts'
import { boot, eventsOf, functionsOf, must, run } from './support.ts'

/** Frees a buffer twice, and has the kernel say who did what. */
function use_twice(): void {
  const p = must(kmalloc(1))
  kfree(p)
  kfree(p)
}

const booted = (callChains: boolean): Machine => {
  const machine = boot({}, { callChains })
  run(machine, use_twice)
  return machine
}

describe('call chains', () => {
  it('tell the names of their functions', () => {
    const [event] = eventsOf(booted(true), 'double-free')
    const { functions, chain, allocatedBy, freedBy } = must(event)
    expect(functions.slice(0, 2)).toEqual(['kfree', 'use_twice'])
    expect(functionsOf(chain)).toEqual(functions)
    expect(allocatedBy.slice(0, 2)).toEqual(['kmalloc', 'use_twice'])
    expect(freedBy.slice(0, 2)).toEqual(['kfree', 'use_twice'])
  })

  it('are empty where they were not recorded, of memory as well', () => {
    const machine = booted(false)
    for (const event of machine.events) expect(event.functions).toEqual([])
    const [event] = eventsOf(machine, 'double-free')
    expect(must(event).allocatedBy).toEqual([])
  })

  it('of what was not thrown as an error, or has no stack, are empty', () => {
    expect(callsAtFault('a text').functions).toEqual([])
    expect(callsAtFault(Object.assign(new Error('x'), { stack: 'a text' })).functions).toEqual([])
  })
})

describe('the names of functions of the kernel', () => {
  it.each(['of_node_get', 'kfree', 'pSeries_reconfig_add_node', '__of_attach_node', 'x25'])(
    'such as %s are on call chains',
    (name) => {
      expect(isKernelFunction(name)).toBe(true)
    },
  )
  it.each(['bootMachine', 'WARN_ON', 'oops', 'get x_y', '#private', '', 'Object.assign'])(
    'are not such as %s',
    (name) => {
      expect(isKernelFunction(name)).toBe(false)
    },
  )
})
