// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '@pfo-workbench/scenario'
import { balance, callersOf, holderOf } from '../src/ledger.ts'
import { get, put, runOf, type EventSketch } from './support.ts'

const eventsOf = (sketches: readonly EventSketch[]): readonly RunEvent[] => runOf([{}], sketches).events
const holders = (events: readonly RunEvent[]): string[] => events.map((one) => holderOf(one.chain)).sort()

/** Ways in which a function takes a reference. */
const ways = [
  'kobject_get < of_node_get',
  'of_node_get < of_find_node_by_path',
  'of_node_get < __of_get_next_child < of_get_next_child',
]

const functions = ['rng_init', 'nx842_probe', 'add_dt_node', 'vio_register_device_node', 'of_attach_node']
const step = fc.record({
  who: fc.constantFrom(...functions),
  way: fc.constantFrom(...ways),
  drop: fc.boolean(),
})

describe('the ledger of references', () => {
  it('holds for every function what it took and did not drop, in whatever order that happened', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const held = new Map<string, number>()
        const sketches: EventSketch[] = []
        for (const { who, way, drop } of steps) {
          const count = held.get(who) ?? 0
          if (drop && count === 0) continue
          held.set(who, drop ? count - 1 : count + 1)
          sketches.push(drop ? put('n', `kobject_put < of_node_put < ${who}`) : get('n', `${way} < ${who}`))
        }
        const { outstanding, foreign } = balance(eventsOf(sketches))
        expect(foreign).toEqual([])
        expect(holders(outstanding)).toEqual(
          [...held].flatMap(([who, count]) => Array<string>(count).fill(who)).sort(),
        )
      }),
    )
  })

  it('never loses a reference: what is outstanding is what was taken less what was dropped', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const events = eventsOf(
          steps.map(({ who, way, drop }) =>
            drop ? put('n', `of_node_put < ${who}`) : get('n', `${way} < ${who}`),
          ),
        )
        const { outstanding, foreign } = balance(events)
        const drops = steps.filter(({ drop }) => drop).length
        const overdrawn = foreign.filter(({ taken }) => taken === null).length
        expect(outstanding.length).toBe(steps.length - drops - (drops - overdrawn))
        for (const { put: drop } of foreign) expect(functions).toContain(holderOf(drop.chain))
      }),
    )
  })

  it('knows who drops by convention what another took: detaching drops the reference of of_node_init', () => {
    const { outstanding, foreign } = balance(
      eventsOf([
        get('n', 'of_node_init < dlpar_parse_cc_node'),
        get('n', 'kobject_get < of_node_get < vio_register_device_node'),
        get('n', 'of_node_get < of_find_node_by_path < rng_init'),
        put('n', 'kobject_put < of_node_put < __of_detach_node_sysfs'),
        put('n', 'kobject_put < of_node_put < vio_dev_release'),
      ]),
    )
    expect(foreign).toEqual([])
    expect(holders(outstanding)).toEqual(['rng_init'])
  })

  it('takes a drop for that of the latest reference of the same function', () => {
    const events = eventsOf([
      get('n', 'of_node_get < f'),
      get('n', 'of_node_get < f'),
      put('n', 'of_node_put < f'),
    ])
    expect(balance(events).outstanding).toEqual([events[0]])
  })

  it('takes the latest reference from its holder when somebody drops what is not its own', () => {
    const events = eventsOf([
      get('n', 'of_node_get < a_holder'),
      get('n', 'of_node_get < b_holder'),
      put('n', 'of_node_put < c_holder'),
    ])
    const { outstanding, foreign } = balance(events)
    expect(holders(outstanding)).toEqual(['a_holder'])
    expect(foreign).toEqual([{ put: events[2], taken: events[1] }])
  })
})

describe('a call chain', () => {
  it('belongs to the first function that does not act on behalf of its caller', () => {
    expect(
      holderOf(['refcount_inc', 'kobject_get', 'of_node_get', 'of_find_node_by_phandle', 'delete_dt_node']),
    ).toBe('delete_dt_node')
    expect(holderOf(['kobject_put', 'of_node_put'])).toBe('kobject_put')
    expect(holderOf([])).toBe('?')
  })

  it('begins, as evidence, with the function that did something of its own', () => {
    expect(callersOf(['kobject_get', 'of_node_get', 'of_find_node_by_phandle', 'f'])).toEqual([
      'of_find_node_by_phandle',
      'f',
    ])
    expect(callersOf(['of_node_get'])).toEqual(['of_node_get'])
  })
})
