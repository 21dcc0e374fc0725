// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isFreed,
  kfree,
  kzalloc,
  objectId,
  kstrdup,
  device_node,
  struct,
  type Machine,
} from '@pfo-workbench/kernel'
import { consoleOf, eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  inspectOf,
  of_add_property,
  of_detach_node,
  OF_DETACHED,
  OF_DYNAMIC,
  of_node_check_flag,
  of_node_clear_flag,
  of_node_get,
  of_node_init,
  of_node_put,
  of_node_set_flag,
  of_node_test_and_set_flag,
  OF_POPULATED,
  of_remove_property,
  of_update_property,
} from '../src/index.ts'
import { detachNode } from '../src/testing.ts'
import { at, attach, boot, facilities, new_node, new_property, P, R, refs } from './support/of.ts'

class private_data extends struct {}

/** Objects allocated after the first `start` ones and not yet freed. */
function aliveSince(machine: Machine, start: number): string[] {
  return machine.heap
    .slice(start)
    .map((object) => object as device_node)
    .filter((object) => !isFreed(object))
    .map(objectId)
}

describe('of_node_get and of_node_put', () => {
  it('are NULL-safe', () => {
    run(boot(facilities()), () => {
      expect(of_node_get(null)).toBeNull()
      of_node_put(null)
    })
  })

  it.each([
    ['plain', 1],
    ['full', 0],
  ] as const)('get returns the node also when it was released (%s: count %i)', (refcount, count) => {
    const machine = boot(facilities(), { refcount })
    run(machine, () => {
      const np = at(R)
      of_detach_node(np)
      expect(refs(np)).toBe(0)
      expect(of_node_get(np)).toBe(np)
      expect(refs(np)).toBe(count)
    })
  })
})

describe('the flags of a node', () => {
  it('are bit numbers', () => {
    run(boot(facilities()), () => {
      const np = new_node('x', null)
      expect(np._flags).toBe(1 << OF_DYNAMIC)
      of_node_set_flag(np, OF_POPULATED)
      expect([of_node_check_flag(np, OF_POPULATED), of_node_check_flag(np, OF_DETACHED)]).toEqual([
        true,
        false,
      ])
      of_node_clear_flag(np, OF_POPULATED)
      expect(of_node_test_and_set_flag(np, OF_DETACHED)).toBe(false)
      expect(of_node_test_and_set_flag(np, OF_DETACHED)).toBe(true)
      expect(np._flags).toBe((1 << OF_DYNAMIC) | (1 << OF_DETACHED))
    })
  })
})

describe('the release of a dynamic, detached node', () => {
  it('frees properties and dead properties with name and value, full_name, data and the node', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const start = machine.heap.length
      const np = of_node_get(attach('/', 'x', { reg: [1], old: 'a', gone: 'b' }))
      np.data = must(kzalloc(private_data))
      of_update_property(np, new_property('old', 'c'))
      of_remove_property(np, must(np.properties?.next?.next?.next))
      const before = machine.events.length
      of_detach_node(np)
      of_node_put(np)
      const freed = machine.events.slice(before).filter((event) => event.type === 'free')
      const count = (kind: string): number => freed.filter((event) => event.struct === kind).length
      expect([count('device_node'), count('property'), count('private_data')]).toEqual([1, 5, 1])
      // Names and values of five properties, full_name, the kobject's name, the names of the three remaining files.
      expect(count('bytes')).toBe(10 + 1 + 1 + 3)
      expect(aliveSince(machine, start)).toEqual([])
    })
    expect(eventsOf(machine, 'double-free')).toEqual([])
  })

  it('drops no reference on other nodes and ignores children', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = of_node_get(attach('/', 'x'))
      const child = new_node('below', np)
      np.child = child
      of_detach_node(np)
      of_node_put(np)
      expect([isFreed(np), isFreed(child), refs(child)]).toEqual([true, false, 1])
    })
  })

  it('runs in the last put', () => {
    const machine = boot(facilities())
    run(machine, function last_holder() {
      const np = of_node_get(attach('/', 'x'))
      detachNode(np)
      expect(isFreed(np)).toBe(false)
      of_node_put(np)
      expect(isFreed(np)).toBe(true)
    })
    const release = eventsOf(machine, 'free').find((event) => event.struct === 'device_node')
    expect(release?.chain.map((frame) => frame.function).slice(1)).toEqual([
      'of_node_release',
      'kobject_release',
      'kobject_put',
      'of_node_put',
      'last_holder',
    ])
  })

  it('leaks nothing over any number of rounds', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('add', 'update', 'remove'), { maxLength: 12 }), (changes) => {
        const machine = boot(facilities(), {}, { callChains: false })
        run(machine, () => {
          const start = machine.heap.length
          const np = of_node_get(attach('/', 'x'))
          const unused: (() => void)[] = []
          for (const change of changes) {
            const prop = new_property('p', 'v')
            const existing = must(np.properties).next
            const used =
              change === 'update'
                ? of_update_property(np, prop) === 0
                : change === 'add' && of_add_property(np, prop) === 0
            if (change === 'remove') of_remove_property(np, existing)
            if (!used) {
              unused.push(() => {
                kfree(prop.name)
                kfree(prop.value)
                kfree(prop)
              })
            }
          }
          of_detach_node(np)
          of_node_put(np)
          for (const give_back of unused) give_back()
          expect(aliveSince(machine, start)).toEqual([])
        })
        expect(eventsOf(machine, 'double-free')).toEqual([])
        expect(eventsOf(machine, 'use-after-free')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})

describe('the release of a boot node', () => {
  it('frees its kobject name and nothing else', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      const before = machine.events.length
      of_detach_node(np)
      const freed = machine.events.slice(before).filter((event) => event.type === 'free')
      // The names of four property files at the detach, then the kobject's name.
      expect(freed.map((event) => event.struct)).toEqual(['bytes', 'bytes', 'bytes', 'bytes', 'bytes'])
      expect([isFreed(np), refs(np)]).toEqual([false, 0])
    })
    expect(inspectOf(machine).nodes.find((one) => one.path === R)).toMatchObject({
      life: 'released',
      refcount: 0,
      inTree: false,
      sysfs: null,
      flags: ['OF_DETACHED'],
    })
  })

  it('can run twice, which frees the kobject name twice', () => {
    const machine = boot(facilities(), { refcount: 'plain' })
    run(machine, () => {
      const np = at(R)
      of_detach_node(np)
      of_node_put(of_node_get(np))
      expect(refs(np)).toBe(0)
      of_node_put(np)
      expect(refs(np)).toBe(0xffffffff)
    })
    expect(eventsOf(machine, 'ref.release').filter((event) => event.object === 'device_node#4')).toHaveLength(
      2,
    )
    expect(eventsOf(machine, 'double-free')).toMatchObject([{ struct: 'bytes' }])
    expect(machine.console).toContain('BUG kmalloc-16 (Not tainted): Object already free')
    expect(machine.console).toContain('INFO: Allocated in kobject_set_name')
  })
})

describe('the release of a node that is still attached', () => {
  it('is reported with path and stack; the node stays in the tree without its directory', () => {
    const machine = boot(facilities())
    const lines = consoleOf(machine, () => {
      run(machine, function over_putter() {
        of_node_put(at(R))
      })
    })
    expect(lines[0]).toBe(`OF: ERROR: Bad of_node_put() on ${R}`)
    expect(lines.slice(2)).toEqual([
      'Call Trace:',
      'of_node_release',
      'kobject_release',
      'kobject_put',
      'of_node_put',
      'over_putter',
    ])
    run(machine, () => {
      const np = at(R)
      expect([np.kobj.state_in_sysfs, np.kobj.sd, isFreed(np)]).toEqual([false, null, false])
      expect(refs(at(P))).toBe(3)
    })
    expect(machine.readdir(`/proc/device-tree${P}`)).not.toContain('ibm,random-v1')
  })

  it('does not free a dynamic node either', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = attach('/', 'x')
      of_node_put(np)
      expect(isFreed(np)).toBe(false)
    })
    expect(machine.console[0]).toBe('OF: ERROR: Bad of_node_put() on /x')
    expect(eventsOf(machine, 'node.bad-put')).toMatchObject([{ path: '/x', attached: true }])
  })

  it('is reported in the same words if the node was never attached; the event distinguishes the two', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = must(kzalloc(device_node))
      np.full_name = kstrdup('y')
      np.parent = at('/')
      of_node_init(np)
      of_node_put(np)
    })
    expect(machine.console[0]).toBe('OF: ERROR: Bad of_node_put() on /y')
    expect(eventsOf(machine, 'node.bad-put')).toMatchObject([{ path: '/y', attached: false }])
  })
})
