// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  EEXIST,
  EINVAL,
  ENODEV,
  ENOMEM,
  EPERM,
  injectAllocationFailures,
  kzalloc,
  notifier_block,
  NOTIFY_BAD,
  NOTIFY_OK,
  property,
} from '@pfo-workbench/kernel'
import { consoleOf, eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  ofState,
  of_changeset,
  of_changeset_action,
  of_changeset_apply,
  of_changeset_destroy,
  of_changeset_revert,
  of_find_node_by_path,
  of_find_property,
  of_node_put,
  OF_RECONFIG_ADD_PROPERTY,
  OF_RECONFIG_ATTACH_NODE,
  OF_RECONFIG_DETACH_NODE,
  of_reconfig_notifier_register,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
  type device_node,
  type of_reconfig_data,
} from '../src/index.ts'
import { set, value, type Entry } from './support/changeset.ts'
import { at, attach, boot, C, facilities, new_node, new_property, P, R, refs } from './support/of.ts'

/** Records all notifications of the chain from now on. */
function listen(answer: (action: number) => number = () => NOTIFY_OK): number[] {
  const heard: number[] = []
  of_reconfig_notifier_register(
    new notifier_block<of_reconfig_data>((_nb, action) => {
      expect(ofState().of_mutex.holders).toEqual([])
      heard.push(action)
      return answer(action)
    }),
  )
  return heard
}

/** Entries that add, replace, add by an update, and remove a property. */
function propertyChanges(np: device_node): Entry[] {
  return [
    [OF_RECONFIG_ADD_PROPERTY, np, new_property('added', 'a')],
    [OF_RECONFIG_UPDATE_PROPERTY, np, new_property('compatible', 'new')],
    [OF_RECONFIG_UPDATE_PROPERTY, np, new_property('absent', 'now here')],
    [OF_RECONFIG_REMOVE_PROPERTY, np, of_find_property(np, 'device_type')],
  ]
}

describe('a changeset', () => {
  it('holds +1 on the node of each entry until it is destroyed', () => {
    run(boot(facilities()), () => {
      const np = at(R)
      const ocs = set(
        [OF_RECONFIG_ADD_PROPERTY, np, new_property('a', '1')],
        [OF_RECONFIG_ADD_PROPERTY, np, new_property('b', '2')],
      )
      expect([refs(np), ocs.entries.length]).toEqual([3, 2])
      of_changeset_destroy(ocs)
      expect([refs(np), ocs.entries.length]).toEqual([1, 0])
    })
  })

  it('reports -ENOMEM for an entry if memory is short', () => {
    run(boot(facilities()), () => {
      injectAllocationFailures((name) => name === 'of_changeset_entry')
      expect(of_changeset_action(new of_changeset(), OF_RECONFIG_ATTACH_NODE, at(R), null)).toBe(-ENOMEM)
      expect(refs(at(R))).toBe(1)
    })
  })

  it('applies its changes in order, then notifies once per entry, without the mutex', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const heard = listen()
      const np = at(R)
      const fresh = new_node('ibm,new-v1', at(P), { name: 'ibm,new-v1' })
      const ocs = set(
        ...propertyChanges(np),
        [OF_RECONFIG_ATTACH_NODE, fresh, null],
        [OF_RECONFIG_DETACH_NODE, at(C), null],
      )
      expect(of_changeset_apply(ocs)).toBe(0)
      expect(['added', 'compatible', 'absent', 'device_type'].map((name) => value(np, name))).toEqual([
        'a',
        'new',
        'now here',
        null,
      ])
      expect([of_find_node_by_path(`${P}/ibm,new-v1`), of_find_node_by_path(C)]).toEqual([fresh, null])
      expect(heard).toEqual([3, 5, 5, 4, 1, 2])
    })
    expect(machine.readdir(`/proc/device-tree${P}`)).toContain('ibm,new-v1')
    expect(machine.read(`/proc/device-tree${R}/compatible`)).toBe('new\0')
  })

  it('reverts in reverse order and sends the inverse notifications', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      const fresh = new_node('x', at('/'), { name: 'x' })
      const ocs = set(...propertyChanges(np), [OF_RECONFIG_ATTACH_NODE, fresh, null])
      of_changeset_apply(ocs)
      const heard = listen()
      expect(of_changeset_revert(ocs)).toBe(0)
      expect(['added', 'compatible', 'absent', 'device_type'].map((name) => value(np, name))).toEqual([
        null,
        'ibm,random',
        null,
        'ibm,random-v1',
      ])
      expect(of_find_node_by_path('/x')).toBeNull()
      expect(heard).toEqual([2, 3, 4, 5, 4])
    })
  })

  it('can be applied, reverted and applied again: properties leave deadprops', () => {
    run(boot(facilities()), () => {
      const np = at(R)
      const added = new_property('added', 'a')
      const ocs = set(
        [OF_RECONFIG_ADD_PROPERTY, np, added],
        [OF_RECONFIG_UPDATE_PROPERTY, np, new_property('compatible', 'new')],
      )
      for (let round = 0; round < 3; round++) {
        expect(of_changeset_apply(ocs)).toBe(0)
        expect([value(np, 'added'), value(np, 'compatible')]).toEqual(['a', 'new'])
        expect(of_find_property(np, 'added')).toBe(added)
        expect(of_changeset_revert(ocs)).toBe(0)
        expect([value(np, 'added'), value(np, 'compatible')]).toEqual([null, 'ibm,random'])
      }
    })
  })

  it('looks up the property to be replaced when the entry is added', () => {
    run(boot(facilities()), () => {
      const np = at(R)
      const before = of_find_property(np, 'compatible')
      const ocs = set([OF_RECONFIG_UPDATE_PROPERTY, np, new_property('compatible', 'new')])
      expect(ocs.entries[0]?.old_prop).toBe(before)
      expect(set([OF_RECONFIG_ADD_PROPERTY, np, new_property('x', '')]).entries[0]?.old_prop).toBeNull()
    })
  })

  it('leaves the node one reference short if it reverts a detach', () => {
    run(boot(facilities()), () => {
      const np = at(C)
      const ocs = set([OF_RECONFIG_DETACH_NODE, np, null])
      expect(refs(np)).toBe(2)
      of_changeset_apply(ocs)
      of_changeset_revert(ocs)
      expect([of_find_node_by_path(C), refs(np)]).toEqual([np, 2])
      of_node_put(np)
      of_changeset_destroy(ocs)
      expect(refs(np)).toBe(0)
    })
  })
})

describe('a changeset that fails', () => {
  it.each<[string, () => readonly [number, device_node, property | null], number, string]>([
    [
      'adding what is there',
      () => [OF_RECONFIG_ADD_PROPERTY, at(R), new_property('compatible', 'x')],
      -EEXIST,
      `OF: changeset: add_property failed @${R}/compatible`,
    ],
    [
      'removing what is not there',
      () => [OF_RECONFIG_REMOVE_PROPERTY, at(R), new_property('gone', 'x')],
      -ENODEV,
      `OF: changeset: remove_property failed @${R}/gone`,
    ],
  ])(
    '%s undoes the changes before it in reverse order and notifies no one',
    (_what, failing, error, line) => {
      const machine = boot(facilities())
      const lines = consoleOf(machine, () => {
        run(machine, () => {
          const heard = listen()
          const np = at(R)
          const fresh = new_node('x', at('/'), { name: 'x' })
          const ocs = set(
            [OF_RECONFIG_ATTACH_NODE, fresh, null],
            [OF_RECONFIG_UPDATE_PROPERTY, np, new_property('device_type', 'new')],
            failing(),
            [OF_RECONFIG_ADD_PROPERTY, np, new_property('never', 'x')],
          )
          expect(of_changeset_apply(ocs)).toBe(error)
          expect([value(np, 'device_type'), value(np, 'never')]).toEqual(['ibm,random-v1', null])
          expect(of_find_node_by_path('/x')).toBeNull()
          expect(heard).toEqual([])
          expect(ofState().of_mutex.holders).toEqual([])
        })
      })
      expect(lines).toEqual([line, `OF: Error applying changeset (${String(error)})`])
    },
  )

  it('to revert applies its changes again', () => {
    const machine = boot(facilities())
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const np = at(R)
        const added = new_property('added', 'a')
        const ocs = set(
          [OF_RECONFIG_REMOVE_PROPERTY, np, of_find_property(np, 'device_type')],
          [OF_RECONFIG_ADD_PROPERTY, np, new_property('other', 'b')],
          [OF_RECONFIG_ADD_PROPERTY, np, added],
        )
        of_changeset_apply(ocs)
        const second = set([OF_RECONFIG_ADD_PROPERTY, np, new_property('device_type', 'taken')])
        expect(of_changeset_apply(second)).toBe(0)
        expect(of_changeset_revert(ocs)).toBe(-EEXIST)
        expect([value(np, 'added'), value(np, 'other'), value(np, 'device_type')]).toEqual([
          'a',
          'b',
          'taken',
        ])
      })
    })
    expect(lines).toEqual([
      `OF: changeset: add_property failed @${R}/device_type`,
      `OF: Error reverting changeset (${String(-EEXIST)})`,
    ])
  })

  it('logs no error of the operation if the action is unknown', () => {
    const machine = boot(facilities())
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        expect(of_changeset_apply(set([99, at(R), null]))).toBe(-EINVAL)
      })
    })
    expect(lines).toEqual([`OF: Error applying changeset (${String(-EINVAL)})`])
  })

  it('in a notifier undoes nothing and returns the last error', () => {
    const machine = boot(facilities())
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const heard = listen((action) => (action === OF_RECONFIG_ATTACH_NODE ? NOTIFY_BAD : NOTIFY_OK))
        const np = at(R)
        const ocs = set(
          [OF_RECONFIG_ATTACH_NODE, new_node('x', at('/'), { name: 'x' }), null],
          [OF_RECONFIG_ADD_PROPERTY, np, new_property('added', 'a')],
        )
        expect(of_changeset_apply(ocs)).toBe(-EPERM)
        expect(heard).toEqual([OF_RECONFIG_ATTACH_NODE, OF_RECONFIG_ADD_PROPERTY])
        expect(value(np, 'added')).toBe('a')
        expect(of_find_node_by_path('/x')).not.toBeNull()
      })
    })
    expect(lines).toEqual(['OF: changeset notifier error @/x'])
  })

  it('for lack of a property is an Oops under both locks', () => {
    const machine = boot(facilities())
    machine.task('init', () => of_changeset_apply(set([OF_RECONFIG_ADD_PROPERTY, at(R), null])))
    expect(machine.tasks.at(-1)?.held_locks.map((held) => held.lock.name)).toEqual([
      'of_mutex',
      'devtree_lock',
    ])
  })

  it('does not notify about properties of a node that is not in sysfs', () => {
    run(boot(facilities()), () => {
      const np = new_node('x', at('/'), { name: 'x' })
      const heard = listen()
      expect(of_changeset_apply(set([OF_RECONFIG_ADD_PROPERTY, np, new_property('p', 'v')]))).toBe(0)
      expect([value(np, 'p'), heard]).toEqual(['v', []])
    })
  })
})

describe('a property in a changeset', () => {
  it('without a name is an Oops when an update is added', () => {
    const machine = boot(facilities())
    machine.task('init', () => {
      set([OF_RECONFIG_UPDATE_PROPERTY, attach('/', 'x'), must(kzalloc(property))])
    })
    expect(eventsOf(machine, 'oops')).toMatchObject([{ function: 'strcmp', held: ['devtree_lock'] }])
  })
})
