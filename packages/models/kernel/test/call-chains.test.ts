// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { isKernelFunction, kfree, kmalloc, type Machine } from '../src/index.ts'
import { eventsOf, must, run } from '../src/testing.ts'
import { callsAtFault } from '../src/machine/calls.ts'
import { boot, functionsOf } from './support.ts'

/** Frees a buffer twice, so that the kernel reports the functions involved. */
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
  it('contain the names of their functions', () => {
    const [event] = eventsOf(booted(true), 'double-free')
    const { functions, chain, allocatedBy, freedBy } = must(event)
    expect(functions.slice(0, 2)).toEqual(['kfree', 'use_twice'])
    expect(functionsOf(chain)).toEqual(functions)
    expect(allocatedBy.slice(0, 2)).toEqual(['kmalloc', 'use_twice'])
    expect(freedBy.slice(0, 2)).toEqual(['kfree', 'use_twice'])
  })

  it('are empty if the machine does not record them, also those of allocations', () => {
    const machine = booted(false)
    for (const event of machine.events) expect(event.functions).toEqual([])
    const [event] = eventsOf(machine, 'double-free')
    expect(must(event).allocatedBy).toEqual([])
  })

  it('are empty for a thrown value that is not an error or has no stack', () => {
    expect(callsAtFault('a text').functions).toEqual([])
    expect(callsAtFault(Object.assign(new Error('x'), { stack: 'a text' })).functions).toEqual([])
  })
})

describe('a function name', () => {
  it.each(['of_node_get', 'kfree', 'pSeries_reconfig_add_node', '__of_attach_node', 'x25'])(
    'such as %s appears in call chains',
    (name) => {
      expect(isKernelFunction(name)).toBe(true)
    },
  )
  it.each(['bootMachine', 'WARN_ON', 'oops', 'get x_y', '#private', '', 'Object.assign'])(
    'such as %s does not appear in call chains',
    (name) => {
      expect(isKernelFunction(name)).toBe(false)
    },
  )
})
