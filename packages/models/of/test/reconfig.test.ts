// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { ENOENT, notifier_block, NOTIFY_OK, type property } from '@pfo-workbench/kernel'
import { eventsOf, run } from '@pfo-workbench/kernel/testing'
import {
  of_attach_node,
  of_detach_node,
  of_node_get,
  OF_POPULATED_BUS,
  of_node_set_flag,
  of_property_notify,
  OF_RECONFIG_ADD_PROPERTY,
  OF_RECONFIG_ATTACH_NODE,
  OF_RECONFIG_CHANGE_ADD,
  OF_RECONFIG_CHANGE_REMOVE,
  OF_RECONFIG_DETACH_NODE,
  of_reconfig_get_state_change,
  OF_RECONFIG_NO_CHANGE,
  of_reconfig_notifier_register,
  of_reconfig_notifier_unregister,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
  of_update_property,
  type of_reconfig_data,
} from '../src/index.ts'
import { at, attach, boot, facilities, new_node, new_property, R, refs } from './support/of.ts'

function silent(): notifier_block<of_reconfig_data> {
  return new notifier_block(function test_notifier() {
    return NOTIFY_OK
  })
}

describe('the reconfig chain', () => {
  it("contains the platform core's notifier from boot", () => {
    const machine = boot(facilities())
    run(machine, () => attach('/', 'x'))
    expect(eventsOf(machine, 'notifier.call')).toMatchObject([
      {
        head: 'of_reconfig_chain',
        callback: 'of_platform_notify',
        action: OF_RECONFIG_ATTACH_NODE,
        result: NOTIFY_OK,
      },
    ])
  })

  it('is called after the change, without either lock and without references', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const seen: unknown[] = []
      of_reconfig_notifier_register(
        new notifier_block<of_reconfig_data>((_nb, action, { dn }) => {
          seen.push(
            action,
            dn.kobj.state_in_sysfs,
            refs(dn),
            machine.running?.held_locks.map((held) => held.lock.name),
          )
          return NOTIFY_OK
        }),
      )
      const np = attach('/', 'x')
      of_node_get(np)
      of_detach_node(np)
      expect(seen).toEqual([
        ...[OF_RECONFIG_ATTACH_NODE, true, 1, ['(of_reconfig_chain).rwsem']],
        ...[OF_RECONFIG_DETACH_NODE, false, 1, ['(of_reconfig_chain).rwsem']],
      ])
    })
  })

  it('loses a block that is unregistered', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const nb = silent()
      expect(of_reconfig_notifier_register(nb)).toBe(0)
      expect(of_reconfig_notifier_unregister(nb)).toBe(0)
      expect(of_reconfig_notifier_unregister(nb)).toBe(-ENOENT)
      attach('/', 'x')
    })
    expect(eventsOf(machine, 'notifier.call')).toHaveLength(1)
  })

  it('deadlocks if a callback registers or unregisters a block', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const other = silent()
      of_reconfig_notifier_register(
        new notifier_block<of_reconfig_data>(function nx842_remove() {
          return of_reconfig_notifier_unregister(other)
        }),
      )
    })
    expect(machine.task('init', () => of_attach_node(new_node('x', at('/'))))).toBeNull()
    expect(machine.outcome).toBe('deadlock')
    expect(eventsOf(machine, 'lock.report')).toMatchObject([
      { report: 'recursive-locking', lock: '(of_reconfig_chain).rwsem' },
    ])
  })

  it('lets a callback change the tree, which calls it recursively', () => {
    const machine = boot(facilities(), { lockDebugging: false })
    run(machine, () => {
      const actions: number[] = []
      of_reconfig_notifier_register(
        new notifier_block<of_reconfig_data>((_nb, action, { dn }) => {
          actions.push(action)
          if (action === OF_RECONFIG_ATTACH_NODE) of_update_property(dn, new_property('status', 'okay'))
          return NOTIFY_OK
        }),
      )
      attach('/', 'x')
      expect(actions).toEqual([OF_RECONFIG_ATTACH_NODE, OF_RECONFIG_UPDATE_PROPERTY])
    })
  })

  it('is not called for properties of nodes that are not in sysfs', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = new_node('x', at('/'))
      expect(of_property_notify(OF_RECONFIG_ADD_PROPERTY, np, null, null)).toBe(0)
      expect(of_property_notify(OF_RECONFIG_ADD_PROPERTY, at(R), new_property('a', ''), null)).toBe(0)
    })
    expect(eventsOf(machine, 'notifier.call')).toHaveLength(1)
  })
})

describe('the platform core', () => {
  it('checks the parent of an attached node, and a detached node itself', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const parent = attach('/', 'bus')
      of_node_set_flag(parent, OF_POPULATED_BUS)
      const np = new_node('dev', parent, { name: 'dev' })
      of_attach_node(np)
      of_node_get(np)
      of_detach_node(np)
      of_node_get(parent)
      of_update_property(parent, new_property('other', 'x'))
    })
    expect(eventsOf(machine, 'notifier.call').every((event) => event.result === NOTIFY_OK)).toBe(true)
    expect(eventsOf(machine, 'use-after-free')).toEqual([])
  })
})

describe('of_reconfig_get_state_change', () => {
  function change(
    action: number,
    status: string | null,
    prop: property | null = null,
    old_prop: property | null = null,
  ): number {
    const dn = new_node('x', null, status === null ? {} : { status })
    return of_reconfig_get_state_change(action, { dn, prop, old_prop })
  }

  it.each<[string, number, string | null, number]>([
    ['a node without status that came', OF_RECONFIG_ATTACH_NODE, null, OF_RECONFIG_CHANGE_ADD],
    ['a node that is okay and came', OF_RECONFIG_ATTACH_NODE, 'okay', OF_RECONFIG_CHANGE_ADD],
    ['a node that is ok and came', OF_RECONFIG_ATTACH_NODE, 'ok', OF_RECONFIG_CHANGE_ADD],
    ['a disabled node that came', OF_RECONFIG_ATTACH_NODE, 'disabled', OF_RECONFIG_NO_CHANGE],
    ['a node that went', OF_RECONFIG_DETACH_NODE, null, OF_RECONFIG_CHANGE_REMOVE],
    ['a disabled node that went', OF_RECONFIG_DETACH_NODE, 'disabled', OF_RECONFIG_NO_CHANGE],
    ['an unknown action', 99, null, OF_RECONFIG_NO_CHANGE],
  ])('of %s', (_what, action, status, expected) => {
    expect(run(boot(facilities()), () => change(action, status))).toBe(expected)
  })

  it.each<[string, number, string | null, string | null, number]>([
    ['adding okay', OF_RECONFIG_ADD_PROPERTY, 'okay', null, OF_RECONFIG_NO_CHANGE],
    ['adding disabled', OF_RECONFIG_ADD_PROPERTY, 'disabled', null, OF_RECONFIG_CHANGE_REMOVE],
    ['removing okay', OF_RECONFIG_REMOVE_PROPERTY, 'okay', null, OF_RECONFIG_NO_CHANGE],
    ['removing disabled', OF_RECONFIG_REMOVE_PROPERTY, 'disabled', null, OF_RECONFIG_CHANGE_ADD],
    ['okay after disabled', OF_RECONFIG_UPDATE_PROPERTY, 'okay', 'disabled', OF_RECONFIG_CHANGE_ADD],
    ['disabled after okay', OF_RECONFIG_UPDATE_PROPERTY, 'disabled', 'okay', OF_RECONFIG_CHANGE_REMOVE],
    ['ok after okay', OF_RECONFIG_UPDATE_PROPERTY, 'ok', 'okay', OF_RECONFIG_NO_CHANGE],
    ['disabled after nothing', OF_RECONFIG_UPDATE_PROPERTY, 'disabled', null, OF_RECONFIG_CHANGE_REMOVE],
  ])('of %s as status', (_what, action, now, before, expected) => {
    run(boot(facilities()), () => {
      const prop = now === null ? null : new_property('status', now)
      const old = before === null ? null : new_property('status', before)
      expect(change(action, null, prop, old)).toBe(expected)
    })
  })

  it.each([OF_RECONFIG_ADD_PROPERTY, OF_RECONFIG_REMOVE_PROPERTY, OF_RECONFIG_UPDATE_PROPERTY])(
    'of another property is no change (action %i)',
    (action) => {
      run(boot(facilities()), () => {
        expect(change(action, null, new_property('reg', 'okay'))).toBe(OF_RECONFIG_NO_CHANGE)
        expect(change(action, null, null)).toBe(OF_RECONFIG_NO_CHANGE)
      })
    },
  )

  it('compares the text of a status and ignores its length; a status without a value is an Oops', () => {
    const machine = boot(facilities())
    machine.task('init', () => {
      const prop = new_property('status', 'okay')
      prop.length = 0
      expect(change(OF_RECONFIG_ADD_PROPERTY, null, prop)).toBe(OF_RECONFIG_NO_CHANGE)
      prop.value = null
      change(OF_RECONFIG_ADD_PROPERTY, null, prop)
    })
    expect(eventsOf(machine, 'oops')).toMatchObject([{ function: 'strcmp', held: [] }])
  })
})
