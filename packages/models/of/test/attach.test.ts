// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { injectAllocationFailures, isFreed, NOTIFY_BAD, text } from '@pfo-workbench/kernel'
import { consoleOf, eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  inspectOf,
  of_attach_node,
  OF_DETACHED,
  of_detach_node,
  of_find_node_by_path,
  of_find_property,
  of_node_check_flag,
  of_node_get,
  of_node_put,
  OF_RECONFIG_ATTACH_NODE,
} from '../src/index.ts'
import type { device_node } from '../src/index.ts'
import { node } from './support/dtb.ts'
import { effects, markNotifications } from './support/effects.ts'
import { at, attach, boot, facilities, new_node, P, refs, treeOrder } from './support/of.ts'

describe('of_attach_node', () => {
  it('links the node, creates directory and files, then notifies; takes a reference on the parent only', () => {
    const machine = boot(facilities())
    let np: device_node | null = null
    run(machine, () => {
      markNotifications()
      np = new_node('ibm,new-v1', at(P), { name: 'ibm,new-v1', reg: [1] })
    })
    expect(
      effects(machine, () => {
        expect(of_attach_node(must(np))).toBe(0)
      }),
    ).toEqual([
      `node.attach ${P}/ibm,new-v1`,
      'ref.get device_node#3 = 5',
      `sysfs.create ${P}/ibm,new-v1`,
      `sysfs.create ${P}/ibm,new-v1/name`,
      `sysfs.create ${P}/ibm,new-v1/reg`,
      `notify ${String(OF_RECONFIG_ATTACH_NODE)} device_node#8`,
    ])
    run(machine, () => {
      expect(refs(must(np))).toBe(1)
    })
  })

  it('makes the node the first child of its parent', () => {
    run(boot(facilities()), () => {
      attach(P, 'ibm,new-v1')
      expect(treeOrder().indexOf('ibm,new-v1')).toBe(treeOrder().indexOf('ibm,random-v1') - 1)
    })
  })

  it('takes name and type from the properties without copying, or points them to <NULL>', () => {
    run(boot(facilities()), () => {
      const named = new_node('a', at('/'), { name: 'n', device_type: 't' })
      expect([named.name, named.type]).toEqual([null, null])
      of_attach_node(named)
      expect(named.name).toBe(of_find_property(named, 'name')?.value)
      expect(named.type).toBe(of_find_property(named, 'device_type')?.value)
      const nameless = new_node('b', at('/'))
      of_attach_node(nameless)
      expect([text(must(nameless.name)), text(must(nameless.type))]).toEqual(['<NULL>', '<NULL>'])
      expect(nameless.name).toBe(nameless.type)
    })
  })

  it('loses the subtree below the node: its nodes stay allocated, unlinked, and keep their parent pointer', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const top = new_node('top', at('/'), { name: 'top' })
      top.child = new_node('below', top, { name: 'below' })
      of_attach_node(top)
      expect(top.child).toBeNull()
    })
    expect(machine.readdir('/proc/device-tree/top')).toEqual(['name'])
    expect(inspectOf(machine).nodes.at(-1)).toMatchObject({
      path: '/top/below',
      life: 'allocated',
      refcount: 1,
      flags: ['OF_DYNAMIC'],
      phandle: 0,
      name: null,
      inTree: false,
      sysfs: null,
    })
  })

  it('clears OF_DETACHED', () => {
    run(boot(facilities()), () => {
      const np = of_node_get(attach('/', 'x'))
      of_detach_node(np)
      expect(of_node_check_flag(np, OF_DETACHED)).toBe(true)
      of_attach_node(np)
      expect(of_node_check_flag(np, OF_DETACHED)).toBe(false)
      expect(refs(np)).toBe(1)
    })
  })

  it('without a parent is an Oops under both locks', () => {
    const machine = boot(facilities())
    machine.task('init', () => of_attach_node(new_node('x', null)))
    expect(eventsOf(machine, 'oops')).toMatchObject([
      { function: '__of_attach_node', held: ['of_mutex', 'devtree_lock'] },
    ])
  })

  it('ignores errors of notifiers', () => {
    run(boot(facilities()), () => {
      markNotifications(NOTIFY_BAD)
      expect(of_attach_node(new_node('x', at('/')))).toBe(0)
      expect(of_find_node_by_path('/x')).not.toBeNull()
    })
  })

  it('leaves the node in the tree without a directory if memory for the directory name is short', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = new_node('x', at('/'), { name: 'x' })
      injectAllocationFailures((name) => name === 'bytes')
      expect(of_attach_node(np)).toBe(0)
      expect([at('/x'), np.kobj.sd, refs(np)]).toEqual([np, null, 1])
    })
    expect(machine.readdir('/proc/device-tree')).not.toContain('x')
  })

  it('below a parent without a directory is an Oops in kernfs with both mutexes held, so later tasks hang', () => {
    const machine = boot(facilities())
    run(machine, () => {
      of_detach_node(of_node_get(at(P)))
    })
    const parent = run(machine, () => new_node('gone', null))
    machine.task('init', function dlpar_attach_node() {
      parent.kobj.sd = null
      of_attach_node(new_node('ibm,random-v1', parent, { name: 'ibm,random-v1' }))
    })
    expect(eventsOf(machine, 'oops')).toMatchObject([
      {
        function: 'kernfs_find_ns',
        reason: 'Unable to handle kernel paging request for data at address 0x00000090',
        held: ['of_mutex', 'kernfs_mutex'],
      },
    ])
    expect(eventsOf(machine, 'oops')[0]?.chain.map((frame) => frame.function)).toEqual([
      'kernfs_find_ns',
      'kernfs_find_and_get_ns',
      'safe_name',
      '__of_attach_node_sysfs',
      'of_attach_node',
      'dlpar_attach_node',
    ])
    expect(parent.child).not.toBeNull()
    expect(machine.readdir('/sys/devices')).toBeNull()
    expect(machine.task('init', () => of_detach_node(new_node('x', null)))).toBeNull()
    expect(eventsOf(machine, 'hang').map((event) => event.lock)).toEqual(['kernfs_mutex', 'of_mutex'])
  })
})

describe('safe_name', () => {
  it('checks names up to #15 and uses #16 unchecked; if that is taken, the node stays in the tree without a directory', () => {
    const machine = boot(node(''))
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        for (let i = 0; i < 18; i++) attach('/', 'x')
      })
    })
    const renames = lines.filter((line) => line.startsWith('Duplicate name'))
    expect(renames).toEqual(
      [...Array.from({ length: 16 }, (_, i) => i + 1), 16].map(
        (i) => `Duplicate name in base, renamed to "x#${String(i)}"`,
      ),
    )
    expect(lines).toContain("sysfs: cannot create duplicate filename '/firmware/devicetree/base/x#16'")
    expect(lines.at(-1)).toMatch(/^kobject_add_internal failed for x#16 with -EEXIST/)
    const { nodes } = inspectOf(machine)
    expect(nodes.filter((one) => one.inTree && one.sysfs === null)).toHaveLength(1)
    expect(
      nodes.filter((one) => one.path === '/x').map(({ generation, sysfs }) => [generation, sysfs]),
    ).toEqual([[0, 'x'], ...Array.from({ length: 16 }, (_, i) => [i + 1, `x#${String(i + 1)}`]), [17, null]])
    expect(eventsOf(machine, 'sysfs.rename')[0]).toMatchObject({
      directory: '/firmware/devicetree/base',
      wanted: 'x',
      used: 'x#1',
    })
  })

  it('reports the directory by its kobject name, which may have been renamed too', () => {
    const machine = boot(node('', {}, [node('p')]))
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const second = attach('/', 'p')
        for (let i = 0; i < 2; i++) of_attach_node(new_node('c', second, { name: 'c' }))
      })
    })
    expect(lines).toEqual([
      'Duplicate name in base, renamed to "p#1"',
      'Duplicate name in p#1, renamed to "c#1"',
    ])
  })

  it('also handles property files, and full names that are paths', () => {
    const machine = boot(node(''))
    const lines = consoleOf(machine, () => {
      run(machine, () => {
        const np = new_node('/soc/x', at('/'), { name: 'x' })
        must(np.properties).next = new_node('unused', null, { name: 'second' }).properties
        of_attach_node(np)
      })
    })
    expect(lines).toEqual(['Duplicate name in x, renamed to "name#1"'])
    expect(machine.read('/proc/device-tree/x/name#1')).toBe('second\0')
  })
})

describe('any sequence of attaching and detaching', () => {
  it('keeps tree, directories and counters consistent', () => {
    const names = ['a', 'b', 'c']
    const steps = fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 25 })
    fc.assert(
      fc.property(steps, (sequence) => {
        const machine = boot(node('', {}, [node('p')]), {}, { callChains: false })
        run(machine, () => {
          const parent = at('/p')
          const live = new Map<string, device_node>()
          for (const [index, adds] of sequence) {
            const name = names[index] ?? ''
            const known = live.get(name)
            if (adds && known === undefined) live.set(name, attach('/p', name))
            if (!adds && known !== undefined) {
              of_node_get(known)
              of_detach_node(known)
              of_node_put(known)
              expect(isFreed(known)).toBe(true)
              live.delete(name)
            }
            expect(refs(parent)).toBe(1 + live.size)
            expect([...live.values()].every((np) => refs(np) === 1)).toBe(true)
            expect(treeOrder().slice(2).sort()).toEqual([...live.keys()].sort())
          }
          const directory = [...must(parent.kobj.sd).children.keys()].filter((one) => one !== 'name')
          expect(directory.sort()).toEqual([...live.keys()].sort())
        })
        expect(eventsOf(machine, 'use-after-free')).toEqual([])
        expect(eventsOf(machine, 'double-free')).toEqual([])
      }),
      { numRuns: 60 },
    )
  })
})
