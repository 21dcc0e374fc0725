// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  EEXIST,
  EINVAL,
  ENODEV,
  injectAllocationFailures,
  kzalloc,
  notifier_block,
  NOTIFY_OK,
  property,
  text,
  type device_node,
  type Machine,
} from '@pfo-workbench/kernel'
import { consoleOf, eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  ofState,
  of_add_property,
  of_detach_node,
  of_find_property,
  of_get_property,
  of_node_get,
  OF_RECONFIG_ADD_PROPERTY,
  of_reconfig_notifier_register,
  OF_RECONFIG_REMOVE_PROPERTY,
  OF_RECONFIG_UPDATE_PROPERTY,
  of_remove_property,
  of_update_property,
  type of_reconfig_data,
} from '../src/index.ts'
import { node } from './support/dtb.ts'
import { at, attach, boot, C, facilities, new_property, R } from './support/of.ts'

function names(first: property | null): string[] {
  const list: string[] = []
  for (let pp = first; pp !== null; pp = pp.next) list.push(text(must(pp.name)))
  return list
}

/** Records all notifications of the reconfig chain from now on, as text. */
function listen(): string[] {
  const heard: string[] = []
  of_reconfig_notifier_register(
    new notifier_block<of_reconfig_data>((_nb, action, { prop, old_prop }) => {
      const show = (one: property | null): string => (one?.value == null ? '-' : text(one.value))
      heard.push(`${String(action)} ${show(prop)} ${show(old_prop)}`)
      return NOTIFY_OK
    }),
  )
  return heard
}

function file(machine: Machine, path: string): unknown {
  return machine.read(`/proc/device-tree${path}`)
}

describe('of_add_property', () => {
  it('appends the property, creates its file and notifies', () => {
    const machine = boot(facilities())
    const heard = run(machine, () => {
      const told = listen()
      const np = at(R)
      expect(of_add_property(np, new_property('new', 'value'))).toBe(0)
      expect(names(np.properties).at(-1)).toBe('new')
      return told
    })
    expect(file(machine, `${R}/new`)).toBe('value\0')
    expect(heard).toEqual([`${String(OF_RECONFIG_ADD_PROPERTY)} value -`])
  })

  it('rejects an existing name, compared exactly, and then changes nothing', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const heard = listen()
      const np = at(R)
      expect(of_add_property(np, new_property('compatible', 'x'))).toBe(-EEXIST)
      expect(of_add_property(np, new_property('Compatible', 'x'))).toBe(0)
      expect(heard).toHaveLength(1)
    })
  })

  it('starts the list of a node without properties', () => {
    run(boot(facilities()), () => {
      const np = attach('/', 'x')
      of_remove_property(np, np.properties)
      of_add_property(np, new_property('first', 'a'))
      expect(names(np.properties)).toEqual(['first'])
    })
  })

  it('changes only the list if the node is detached', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = of_node_get(at(R))
      of_detach_node(np)
      const heard = listen()
      expect(of_add_property(np, new_property('new', 'value'))).toBe(0)
      expect([names(np.properties).at(-1), heard]).toEqual(['new', []])
    })
  })

  it('warns if the file cannot be created, and keeps the property', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      const prop = new_property('new', 'value')
      injectAllocationFailures((name) => name === 'bytes')
      expect(of_add_property(np, prop)).toBe(0)
      expect(of_find_property(np, 'new')).toBe(prop)
    })
    expect(eventsOf(machine, 'warn')).toMatchObject([
      { file: 'drivers/of/kobj.c', text: `error adding attribute new to node ${R}` },
    ])
  })

  it('hides the value of properties whose name begins with security-', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      const secret = new_property('security-password', 'x')
      const open = new_property('password', 'x')
      of_add_property(np, secret)
      of_add_property(np, open)
      expect([secret.attr?.mode, secret.attr?.size]).toEqual([0o400, 0])
      expect([open.attr?.mode, open.attr?.size]).toEqual([0o444, 2])
    })
  })
})

describe('of_remove_property', () => {
  it('moves the property to the front of deadprops, removes the file and notifies', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const heard = listen()
      const np = at(R)
      const [compatible, name] = [
        must(of_find_property(np, 'compatible')),
        must(of_find_property(np, 'name')),
      ]
      expect(of_remove_property(np, compatible)).toBe(0)
      expect(of_remove_property(np, name)).toBe(0)
      expect(names(np.properties)).toEqual(['device_type', 'ibm,phandle'])
      expect(names(np.deadprops)).toEqual(['name', 'compatible'])
      expect(heard).toEqual([
        `${String(OF_RECONFIG_REMOVE_PROPERTY)} ibm,random -`,
        `${String(OF_RECONFIG_REMOVE_PROPERTY)} ibm,random-v1 -`,
      ])
    })
    expect(machine.readdir(`/proc/device-tree${R}`)).toEqual(['device_type', 'ibm,phandle'])
  })

  it('compares pointers, not names; rejects NULL', () => {
    run(boot(facilities()), () => {
      const heard = listen()
      const np = at(R)
      expect(of_remove_property(np, new_property('compatible', 'ibm,random'))).toBe(-ENODEV)
      expect(of_remove_property(np, null)).toBe(-ENODEV)
      expect(of_remove_property(np, of_find_property(at(C), 'compatible'))).toBe(-ENODEV)
      expect(heard).toEqual([])
    })
  })

  it("does not refresh the node's own name and type", () => {
    run(boot(facilities()), () => {
      const np = at(R)
      of_remove_property(np, of_find_property(np, 'name'))
      expect(text(must(np.name))).toBe('ibm,random-v1')
    })
  })
})

describe('of_update_property', () => {
  it('replaces in place, keeps the old value allocated, replaces the file and notifies', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const heard = listen()
      const np = at(R)
      const old = must(of_find_property(np, 'compatible'))
      expect(of_update_property(np, new_property('compatible', 'ibm,random2'))).toBe(0)
      expect(names(np.properties)).toEqual(['device_type', 'compatible', 'ibm,phandle', 'name'])
      expect(np.deadprops).toBe(old)
      expect(text(must(old.value))).toBe('ibm,random')
      expect(of_update_property(np, new_property('device_type', 'first'))).toBe(0)
      expect(names(np.properties)[0]).toBe('device_type')
      expect(heard).toEqual([
        `${String(OF_RECONFIG_UPDATE_PROPERTY)} ibm,random2 ibm,random`,
        `${String(OF_RECONFIG_UPDATE_PROPERTY)} first ibm,random-v1`,
      ])
    })
    expect(file(machine, `${R}/compatible`)).toBe('ibm,random2\0')
    expect(machine.console).toEqual([])
  })

  it('appends a new property and notifies of an update without an old value', () => {
    run(boot(facilities()), () => {
      const heard = listen()
      const np = at(R)
      expect(of_update_property(np, new_property('new', 'value'))).toBe(0)
      expect(names(np.properties).at(-1)).toBe('new')
      expect(heard).toEqual([`${String(OF_RECONFIG_UPDATE_PROPERTY)} value -`])
    })
  })

  it('starts the list of a node without properties', () => {
    run(boot(facilities()), () => {
      const np = attach('/', 'x')
      of_remove_property(np, np.properties)
      of_update_property(np, new_property('first', 'a'))
      expect(names(np.properties)).toEqual(['first'])
    })
  })

  it('rejects a property without a name', () => {
    run(boot(facilities()), () => {
      expect(of_update_property(at(R), must(kzalloc(property)))).toBe(-EINVAL)
    })
  })

  it.each<[string, (np: device_node) => unknown]>([
    ['looking for a property', (np) => of_find_property(np, 'compatible')],
    ['adding one', (np) => of_add_property(np, new_property('new', 'x'))],
    ['updating one', (np) => of_update_property(np, new_property('compatible', 'x'))],
  ])('%s after a property without a name is an Oops under devtree_lock', (_what, change) => {
    const machine = boot(facilities())
    machine.task('init', () => {
      const np = at(R)
      must(np.properties).name = null
      change(np)
    })
    const [fault] = eventsOf(machine, 'oops')
    expect([fault?.function, fault?.held.at(-1)]).toEqual(['strcmp', 'devtree_lock'])
  })

  it('of a detached node removes a missing file by a freed name and frees the name again', () => {
    const machine = boot(facilities())
    run(machine, function update_dt_property() {
      const np = of_node_get(at(C))
      of_detach_node(np)
      const heard = listen()
      expect(of_update_property(np, new_property('compatible', 'x'))).toBe(0)
      expect([text(must(of_get_property(np, 'compatible'))), heard]).toEqual(['x', []])
    })
    expect(eventsOf(machine, 'warn')).toMatchObject([
      {
        file: 'fs/kernfs/dir.c',
        function: 'kernfs_remove_by_name_ns',
        text: `kernfs: can not remove '${'k'.repeat(15)}\u00a5${'\u00bb'.repeat(8)}', no directory`,
      },
    ])
    expect(eventsOf(machine, 'use-after-free')).toMatchObject([{ field: 'bytes', access: 'read' }])
    expect(eventsOf(machine, 'double-free')).toMatchObject([{ struct: 'bytes' }])
    expect(machine.console).toContain('INFO: Allocated in safe_name')
    expect(machine.console).toContain('BUG kmalloc-16 (Tainted: G        W        ): Object already free')
  })

  it('of a detached node without files has no name to free', () => {
    const machine = boot(facilities())
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const np = attach('/', 'x')
        of_node_get(np)
        of_detach_node(np)
        of_add_property(np, new_property('late', 'a'))
        of_update_property(np, new_property('late', 'b'))
      })
    })
    expect(lines[1]).toBe("kernfs: can not remove '(null)', no directory")
    expect(eventsOf(machine, 'double-free')).toEqual([])
  })

  it('changes only the list before the devicetree kset exists', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = of_node_get(at(C))
      of_detach_node(np)
      ofState().of_kset = null
      of_update_property(np, new_property('compatible', 'x'))
      of_remove_property(np, of_find_property(np, 'compatible'))
    })
    expect(eventsOf(machine, 'warn')).toEqual([])
  })
})

describe('any sequence of property changes', () => {
  it('keeps list, files and deadprops consistent and notifies once per change', () => {
    const step = fc.tuple(fc.constantFrom('add', 'update', 'remove'), fc.constantFrom('a', 'b', 'c'))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (sequence) => {
        const machine = boot(node('', {}, [node('x', { name: 'x' })]), {}, { callChains: false })
        const expected = new Map<string, string>([['name', 'x']])
        run(machine, () => {
          const heard = listen()
          const np = at('/x')
          let told = 0
          let dead = 0
          for (const [index, [change, name]] of sequence.entries()) {
            const known = expected.has(name)
            const value = String(index)
            if (change === 'add') {
              expect(of_add_property(np, new_property(name, value))).toBe(known ? -EEXIST : 0)
              if (!known) expected.set(name, value)
              told += known ? 0 : 1
            } else if (change === 'update') {
              expect(of_update_property(np, new_property(name, value))).toBe(0)
              expected.set(name, value)
              dead += known ? 1 : 0
              told++
            } else {
              expect(of_remove_property(np, of_find_property(np, name))).toBe(known ? 0 : -ENODEV)
              expected.delete(name)
              dead += known ? 1 : 0
              told += known ? 1 : 0
            }
            expect(names(np.properties)).toEqual([...expected.keys()])
            expect(names(np.deadprops)).toHaveLength(dead)
            expect(heard).toHaveLength(told)
          }
        })
        for (const [name, value] of expected) expect(file(machine, `/x/${name}`)).toBe(`${value}\0`)
        expect(machine.readdir('/proc/device-tree/x')).toEqual([...expected.keys()].sort())
        expect(eventsOf(machine, 'double-free')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
