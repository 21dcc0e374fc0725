// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { isFreed, kfree, kobject_del, notifier_block, NOTIFY_OK, text } from '@pfo-workbench/kernel'
import { eventsOf, must, run } from '@pfo-workbench/kernel/testing'
import {
  __of_detach_node_sysfs,
  ofState,
  of_attach_node,
  OF_DETACHED,
  of_detach_node,
  of_node_check_flag,
  of_node_get,
  OF_RECONFIG_DETACH_NODE,
  of_reconfig_notifier_register,
} from '../src/index.ts'
import type { of_reconfig_data } from '../src/index.ts'
import { effects, markNotifications } from './support/effects.ts'
import { at, attach, boot, C, facilities, new_node, P, R, refs, treeOrder } from './support/of.ts'

describe('of_detach_node', () => {
  it("unlinks, removes files and directory, drops the parent's and the init reference, then notifies", () => {
    const machine = boot(facilities())
    run(machine, () => {
      markNotifications()
      of_node_get(at(R))
    })
    expect(
      effects(machine, () => {
        const np = must(at(P).child)
        expect(of_detach_node(np)).toBe(0)
      }).slice(6),
    ).toEqual([
      `node.detach ${R}`,
      `sysfs.remove ${R}/device_type`,
      `sysfs.remove ${R}/compatible`,
      `sysfs.remove ${R}/ibm,phandle`,
      `sysfs.remove ${R}/name`,
      `sysfs.remove ${R}`,
      'ref.put device_node#3 = 3',
      'ref.put device_node#4 = 1',
      `notify ${String(OF_RECONFIG_DETACH_NODE)} device_node#4`,
    ])
  })

  it('leaves parent, sibling, child, phandle and name unchanged', () => {
    run(boot(facilities()), () => {
      const [parent, np, brother] = [at(P), at(R), at(C)]
      of_node_get(np)
      of_detach_node(np)
      expect([np.parent, np.sibling, np.child, np.phandle, text(must(np.name))]).toEqual([
        parent,
        brother,
        null,
        0xfffffff5,
        'ibm,random-v1',
      ])
      expect(parent.child).toBe(brother)
    })
  })

  it('unlinks a node between two siblings', () => {
    run(boot(facilities()), () => {
      of_detach_node(of_node_get(at(C)))
      expect(treeOrder()).not.toContain('ibm,compression-v1')
      expect(at(R).sibling).toBe(at(`${P}/ibm,sym-encryption-v1`))
    })
  })

  it('of a detached node warns each time, drops a reference that belongs to another owner and notifies again', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = at(R)
      for (let holder = 0; holder < 3; holder++) of_node_get(np)
      markNotifications()
      of_detach_node(np)
      of_detach_node(np)
      of_detach_node(np)
      expect(refs(np)).toBe(1)
    })
    expect(eventsOf(machine, 'warn')).toMatchObject([
      { file: 'drivers/of/dynamic.c', function: '__of_detach_node', text: '', once: false },
      { file: 'drivers/of/dynamic.c', function: '__of_detach_node', text: '', once: false },
    ])
    expect(eventsOf(machine, 'node.detach').map((event) => event.again)).toEqual([false, true, true])
    expect(eventsOf(machine, 'module.load')).toHaveLength(3)
  })

  it('of the root warns, leaves it in the tree, removes its directory and drops its reference', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const root = of_node_get(must(ofState().of_root))
      const before = refs(root)
      of_detach_node(root)
      expect([ofState().of_root, refs(root), of_node_check_flag(root, OF_DETACHED)]).toEqual([
        root,
        before - 1,
        false,
      ])
    })
    expect(eventsOf(machine, 'warn')).toMatchObject([{ function: '__of_detach_node' }])
    expect(eventsOf(machine, 'node.detach')).toEqual([])
    expect(machine.readdir('/sys/firmware/devicetree')).toEqual([])
  })

  it('of a detached node without a parent warns only that it is detached', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const np = of_node_get(new_node('x', null))
      np._flags |= 1 << OF_DETACHED
      of_detach_node(np)
    })
    expect(eventsOf(machine, 'node.detach')).toMatchObject([{ parent: null, again: true }])
    expect(eventsOf(machine, 'warn')).toMatchObject([{ function: '__of_detach_node' }])
  })

  it('of a node that was never attached runs past the end of the sibling list', () => {
    const machine = boot(facilities())
    machine.task('init', () => of_detach_node(new_node('x', at(P))))
    expect(eventsOf(machine, 'oops')).toMatchObject([{ held: ['of_mutex', 'devtree_lock'] }])
  })

  it('frees a dynamic node without other owners before the notifiers run', () => {
    const machine = boot(facilities(), { slubPoison: false })
    run(machine, () => {
      const np = attach('/', 'x')
      of_reconfig_notifier_register(
        new notifier_block<of_reconfig_data>((_nb, _action, rd) => {
          expect(isFreed(rd.dn)).toBe(true)
          return NOTIFY_OK
        }),
      )
      of_detach_node(np)
    })
    expect(eventsOf(machine, 'use-after-free')[0]).toMatchObject({
      struct: 'device_node',
      field: 'properties',
    })
    expect(eventsOf(machine, 'use-after-free')[0]?.chain.map((frame) => frame.function)).toContain(
      'of_platform_notify',
    )
  })

  it('kills a caller without a reference if freed memory is poisoned', () => {
    const machine = boot(facilities())
    run(machine, () => attach('/', 'x'))
    expect(machine.task('init', () => of_detach_node(at('/x')))).toBeNull()
    expect(eventsOf(machine, 'oops')).toMatchObject([{ held: ['(of_reconfig_chain).rwsem', 'devtree_lock'] }])
  })

  it('of a parent first removes the directories of its children', () => {
    const machine = boot(facilities())
    run(machine, () => {
      const parent = of_node_get(at(P))
      const child = of_node_get(at(R))
      of_detach_node(parent)
      expect(refs(parent)).toBe(4)
      of_detach_node(child)
      expect([refs(parent), child.kobj.state_in_sysfs]).toEqual([3, false])
    })
    expect(machine.readdir('/proc/device-tree')).not.toContain('ibm,platform-facilities')
    expect(eventsOf(machine, 'warn')).toEqual([])
  })
})

describe('before the devicetree kset exists', () => {
  it('attach and detach change only the tree and keep the init reference', () => {
    const machine = boot(facilities())
    run(machine, () => {
      ofState().of_kset = null
      const np = attach('/', 'early')
      expect(np.kobj.sd).toBeNull()
      of_detach_node(np)
      expect(refs(np)).toBe(1)
    })
    expect(machine.readdir('/proc/device-tree')).not.toContain('early')
  })

  it('detaching an uninitialised node is a BUG', () => {
    const machine = boot(facilities())
    machine.task('init', () => {
      const np = new_node('x', at('/'))
      np.kobj.state_initialized = false
      __of_detach_node_sysfs(np)
    })
    expect(eventsOf(machine, 'oops')[0]?.reason).toMatch(/^kernel BUG at drivers\/of\/kobj\.c/)
  })
})

describe('events about nodes', () => {
  it('follow freed ancestors for the path without adding a use-after-free report', () => {
    const machine = boot(facilities(), { slubPoison: false })
    run(machine, () => {
      const grandparent = attach('/', 'g')
      const parent = new_node('p', grandparent, { name: 'p' })
      of_attach_node(parent)
      const np = new_node('n', parent, { name: 'n' })
      of_attach_node(np)
      of_node_get(np)
      of_node_get(parent)
      kobject_del(parent.kobj)
      kfree(grandparent)
      const before = eventsOf(machine, 'use-after-free').length
      of_detach_node(np)
      expect(eventsOf(machine, 'use-after-free')).toHaveLength(before)
    })
    expect(eventsOf(machine, 'node.detach')).toMatchObject([{ path: '/g/p/n' }])
  })
})
