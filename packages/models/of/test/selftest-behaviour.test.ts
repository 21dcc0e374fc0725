// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  EEXIST,
  ENODEV,
  injectAllocationFailures,
  might_sleep,
  notifier_block,
  NOTIFY_OK,
  raw_spin_lock_irqsave,
  kzalloc,
  spinlock,
  text,
} from '@pfo-workbench/kernel'
import { eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  __of_node_dup,
  __of_prop_dup,
  of_add_property,
  of_changeset,
  of_changeset_add_property,
  of_changeset_apply,
  of_changeset_attach_node,
  of_changeset_destroy,
  of_changeset_detach_node,
  of_changeset_init,
  of_changeset_remove_property,
  of_changeset_revert,
  of_changeset_update_property,
  of_find_all_nodes,
  of_find_node_by_phandle,
  of_find_node_by_path,
  of_find_node_opts_by_path,
  of_find_property,
  of_get_property,
  of_node_put,
  of_populate_phandle_cache,
  of_reconfig_notifier_register,
  of_remove_property,
  of_update_property,
  phandleCacheSlots,
  property,
} from '../src/index.ts'
import type { of_reconfig_data } from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, attach, boot, facilities, nameOf, new_property, R, total } from './support/of.ts'

/** The behaviours that the kernel's self-test of the OF core checks at boot, tested here in our own words. */

describe('lookups by path', () => {
  it('split at the colon: the text after it is the options, with or without an alias, including slashes', () => {
    const tree = node('', {}, [node('a', {}, [node('b@1')]), node('aliases', { ab: '/a/b@1' })])
    run(boot(tree), () => {
      const before = total()
      for (const [path, opts] of [
        ['/a/b@1', null],
        ['/a/b@1:opt', 'opt'],
        ['/a/b@1:opt/with/slash', 'opt/with/slash'],
        ['ab:', ''],
        ['ab:opt', 'opt'],
        ['ab:opt/with/slash', 'opt/with/slash'],
      ] as const) {
        const found = of_find_node_opts_by_path(path)
        expect([nameOf(found.np), found.opts]).toEqual(['b@1', opts])
        of_node_put(found.np)
      }
      for (const path of ['/a/b', '/a/b@1/', '/a/missing', 'missing', 'ab/missing', '']) {
        expect(of_find_node_by_path(path)).toBeNull()
      }
      expect(total()).toBe(before)
    })
  })
})

describe('phandles', () => {
  it('belong to one node each: the lookup of each phandle finds its node', () => {
    run(boot(facilities()), () => {
      const seen = new Set<number>()
      for (let np = of_find_all_nodes(null); np !== null; np = of_find_all_nodes(np)) {
        if (np.phandle === 0) continue
        expect(seen.has(np.phandle)).toBe(false)
        seen.add(np.phandle)
        const found = of_find_node_by_phandle(np.phandle)
        expect(found).toBe(np)
        of_node_put(found)
      }
      expect(seen.size).toBe(5)
    })
  })

  it('are found by walking the tree if memory for a cache is short', () => {
    run(boot(facilities()), () => {
      injectAllocationFailures((struct) => struct === 'phandle_slots')
      of_populate_phandle_cache()
      expect(phandleCacheSlots()).toEqual([])
      expect(nameOf(of_find_node_by_phandle(0xfffffff5))).toBe('ibm,random-v1')
    })
  })
})

describe('properties added and removed', () => {
  it('can be added once, updated whether present or not, and removed once', () => {
    run(boot(facilities()), () => {
      const np = at(R)
      const first = new_property('new', 'one')
      expect(of_add_property(np, first)).toBe(0)
      expect(of_add_property(np, new_property('new', 'two'))).toBe(-EEXIST)
      expect(of_remove_property(np, first)).toBe(0)
      expect(of_remove_property(np, first)).toBe(-ENODEV)
      expect(of_add_property(np, new_property('new', 'three'))).toBe(0)
      expect(of_update_property(np, new_property('new', 'four'))).toBe(0)
      expect(of_update_property(np, new_property('newer', 'five'))).toBe(0)
      expect(text(must(of_get_property(np, 'new')))).toBe('four')
      expect(text(must(of_get_property(np, 'newer')))).toBe('five')
    })
  })
})

describe('a changeset over nodes and properties', () => {
  it('takes effect as a whole, notifies of each change in order, and leaves no trace after a revert', () => {
    run(boot(facilities()), () => {
      const parent = at('/ibm,platform-facilities')
      const existing = at(R)
      const replaced = must(of_find_property(existing, 'compatible'))
      const removed = must(of_find_property(existing, 'device_type'))
      const n1 = must(__of_node_dup(null, 'n1'))
      n1.parent = parent
      const n2 = must(__of_node_dup(existing, 'n2'))
      n2.parent = n1
      const told: string[] = []
      of_reconfig_notifier_register(
        new notifier_block<of_reconfig_data>((_nb, action, { dn }) => {
          told.push(`${String(action)} ${String(nameOf(dn))}`)
          return NOTIFY_OK
        }),
      )
      const chgset = new of_changeset()
      of_changeset_init(chgset)
      expect([
        of_changeset_attach_node(chgset, n1),
        of_changeset_attach_node(chgset, n2),
        of_changeset_add_property(chgset, existing, new_property('prop-add', 'x')),
        of_changeset_update_property(chgset, existing, new_property('compatible', 'y')),
        of_changeset_remove_property(chgset, existing, removed),
      ]).toEqual([0, 0, 0, 0, 0])
      expect(of_changeset_apply(chgset)).toBe(0)
      expect(told.splice(0)).toEqual([
        '1 n1',
        '1 n2',
        '3 ibm,random-v1',
        '5 ibm,random-v1',
        '4 ibm,random-v1',
      ])
      expect(nameOf(of_find_node_by_path('/ibm,platform-facilities/n1/n2'))).toBe('n2')
      expect(of_changeset_revert(chgset)).toBe(0)
      expect(told).toEqual(['3 ibm,random-v1', '5 ibm,random-v1', '4 ibm,random-v1', '2 n2', '2 n1'])
      expect(of_find_node_by_path('/ibm,platform-facilities/n1')).toBeNull()
      expect(of_find_property(existing, 'compatible')).toBe(replaced)
      expect(of_find_property(existing, 'device_type')).toBe(removed)
      expect(of_find_property(existing, 'prop-add')).toBeNull()
      of_changeset_destroy(chgset)
    })
  })

  it('can also detach nodes, children first', () => {
    run(boot(facilities()), () => {
      const np = attach('/', 'x')
      const chgset = new of_changeset()
      expect(of_changeset_detach_node(chgset, np)).toBe(0)
      expect(of_changeset_apply(chgset)).toBe(0)
      expect(of_find_node_by_path('/x')).toBeNull()
      of_changeset_destroy(chgset)
    })
  })
})

describe('duplicate names', () => {
  it('get a number appended, for nodes and for properties', () => {
    const machine = boot(facilities())
    run(machine, () => {
      attach('/', 'same')
      attach('/', 'same')
      expect(of_add_property(at('/same'), new_property('a', 'x'))).toBe(0)
    })
    expect(machine.console).toEqual(['Duplicate name in base, renamed to "same#1"'])
    expect(machine.readdir('/proc/device-tree/same#1')).toEqual(['a', 'name'])
  })

  it('are an Oops if memory for a candidate is short: the search follows NULL', () => {
    const machine = boot(facilities())
    machine.task('init', () => {
      attach('/', 'same')
      let buffers = 0
      // The node itself has name, full name and value; the fourth buffer is the first candidate.
      injectAllocationFailures((struct) => struct === 'bytes' && ++buffers === 4)
      attach('/', 'same')
    })
    expect(eventsOf(machine, 'oops')).toMatchObject([
      { function: 'strlen', held: ['of_mutex', 'kernfs_mutex'] },
    ])
  })
})

describe('a copy of a property', () => {
  it('equals the original and is independent of it', () => {
    run(boot(facilities()), () => {
      const original = must(of_find_property(at(R), 'compatible'))
      const copy = must(__of_prop_dup(original))
      expect(text(must(copy.value))).toBe(text(must(original.value)))
      expect(copy.value?.memory).not.toBe(original.value?.memory)
    })
  })
})

describe('memory', () => {
  it('may sleep when allocated under a spinlock, unless with GFP_ATOMIC', () => {
    const machine = boot(facilities())
    run(machine, () => {
      raw_spin_lock_irqsave(new spinlock('some_lock'))
      kzalloc(property, 'GFP_ATOMIC')
      expect(eventsOf(machine, 'lock.report')).toEqual([])
      kzalloc(property)
      might_sleep('here')
    })
    expect(eventsOf(machine, 'lock.report').map(({ report }) => report)).toEqual([
      'sleep-in-atomic',
      'sleep-in-atomic',
    ])
    expect(machine.console).toContain('BUG: sleeping function called from invalid context at mm/slab.h:421')
  })
})
