// SPDX-License-Identifier: GPL-2.0-only
import type { NodeState } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import {
  chainOf,
  detached,
  device,
  event,
  findingsOf,
  get,
  node,
  put,
  released,
  runOf,
  saysOf,
  withMemory,
  type EventSketch,
} from '../support.ts'

const init = get('n', 'of_node_init < populate_node', 0)
const dropInit = put('n', 'kobject_put < of_node_put < __of_detach_node_sysfs < of_detach_node')
const taken = get('n', 'kobject_get < of_node_get < of_find_node_by_path < rng_init < do_one_initcall', 0)

describe('leak', () => {
  it('fires on a detached node with a reference and names the function that took it', () => {
    const run = runOf(
      [{ nodes: [node('n', { refcount: 2 })] }, { nodes: [detached('n')] }],
      [init, taken, dropInit],
    )
    expect(findingsOf('leak', run)).toEqual([
      {
        oracle: 'leak',
        subject: '/x[0] held by rng_init',
        step: 1,
        count: 1,
        kind: 'reference-held',
        data: { state: 'detached', holder: 'rng_init', references: 1 },
        evidence: [
          {
            kind: 'taken',
            data: { holder: 'rng_init' },
            chain: chainOf('of_find_node_by_path < rng_init < do_one_initcall'),
            seq: 1,
          },
        ],
      },
    ])
  })

  it('is silent if the taker dropped the reference', () => {
    const dropped = put('n', 'kobject_put < of_node_put < rng_init')
    const run = runOf([{ nodes: [node('n')] }, { nodes: [released('n')] }], [init, taken, dropped, dropInit])
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('is silent about references on a node that is in the tree', () => {
    const run = runOf([{ nodes: [node('n', { refcount: 7 })] }], [init, taken])
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('is silent about a detached node whose counter is 0 but whose release has not run yet', () => {
    const run = runOf([{ nodes: [node('n')] }, { nodes: [detached('n', { refcount: 0 })] }], [init, dropInit])
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('fires once for each function that holds references', () => {
    const again = get('n', 'of_node_get < f')
    const states = [{ nodes: [detached('n', { refcount: 3 })] }]
    expect(saysOf('leak', runOf(states, [init, taken, again, again, dropInit]))).toEqual([
      {
        subject: '/x[0] held by rng_init',
        kind: 'reference-held',
        data: { state: 'detached', holder: 'rng_init', references: 3 },
      },
      {
        subject: '/x[0] held by f',
        kind: 'reference-held',
        data: { state: 'detached', holder: 'f', references: 3 },
      },
    ])
  })

  it('fires on a node that was created and never attached', () => {
    const orphan = node('n', { inTree: false, sysfs: null, generation: 1 })
    const run = runOf([{}, { nodes: [orphan] }], [get('n', 'of_node_init < dlpar_parse_cc_node')])
    expect(saysOf('leak', run)).toEqual([
      {
        subject: '/x[1] held by of_node_init',
        kind: 'reference-held',
        data: { state: 'never-attached', holder: 'of_node_init', references: 1 },
      },
    ])
  })

  it('is silent about a reference that was dropped before the end', () => {
    const run = runOf(
      [{ nodes: [node('n', { refcount: 2 })] }, { nodes: [detached('n')] }, { nodes: [released('n')] }],
      [init, taken, dropInit, put('n', 'of_node_put < rng_init', 2)],
    )
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('reports since when a node has been leaked without interruption', () => {
    const run = runOf(
      [
        { nodes: [detached('n')] },
        { nodes: [node('n')] },
        { nodes: [detached('n')] },
        { nodes: [detached('n')] },
      ],
      [taken],
    )
    expect(findingsOf('leak', run)).toMatchObject([{ step: 2 }])
  })
})

describe('leak of a node in the tree', () => {
  const attached = (refcount: number) => ({ nodes: [node('n', { refcount })] })
  const child = get('n', 'kobject_get < kobject_add_internal < kobject_add', 0)
  const lookup = get('n', 'of_node_get < of_find_node_by_phandle < parse_node < do_add_property')

  it('fires on a reference that no pointer backs, and names the taker', () => {
    const run = withMemory(runOf([attached(1), attached(3)], [init, child, lookup]), {})
    expect(saysOf('leak', run)).toEqual([
      {
        subject: '/x[0] held by parse_node',
        kind: 'reference-held',
        data: { state: 'attached', holder: 'parse_node', references: 3 },
      },
    ])
    expect(findingsOf('leak', run)[0]).toMatchObject({ step: 1, count: 1 })
  })

  it('fires if there is one reference more than pointers', () => {
    const run = withMemory(runOf([attached(1), attached(4)], [init, taken, lookup, lookup]), {
      pointers: { n: 2 },
    })
    expect(findingsOf('leak', run)).toMatchObject([{ subject: '/x[0] held by parse_node', count: 1 }])
  })

  it('has the same subject as when the node is detached later: it is the same leak', () => {
    const before = withMemory(runOf([attached(2)], [init, taken]), {})
    const after = withMemory(runOf([attached(2), { nodes: [detached('n')] }], [init, taken, dropInit]), {})
    expect(saysOf('leak', before).map(({ subject }) => subject)).toEqual(
      saysOf('leak', after).map(({ subject }) => subject),
    )
  })

  it('is silent about a reference kept with a pointer, in a structure or a variable', () => {
    expect(
      findingsOf('leak', withMemory(runOf([attached(2)], [init, taken]), { pointers: { n: 1 } })),
    ).toEqual([])
  })

  it('fires on a reference on the root, whose first reference belongs to its variable', () => {
    const root = (refcount: number) => ({ nodes: [node('n', { path: '/', refcount })] })
    const run = (...events: readonly EventSketch[]) =>
      withMemory(runOf([root(1), root(events.length)], events), { pointers: { n: 1 } })
    expect(findingsOf('leak', run(init, lookup))).toMatchObject([{ subject: '/[0] held by parse_node' }])
    expect(findingsOf('leak', run(init))).toEqual([])
  })

  it('is silent about references of devices and directories, which have an owner by convention', () => {
    const ofDevice = get('n', 'of_node_get < vio_register_device_node', 0)
    const state = { ...attached(3), vio: [device('a', 'n')] }
    expect(
      findingsOf('leak', withMemory(runOf([state], [init, child, ofDevice]), { pointers: { n: 1 } })),
    ).toEqual([])
  })

  it('is silent about the reference of a device that another function took, and fires on a second one', () => {
    const chain = chainOf('device_add < device_register < vio_register_device_node < scan')
    const registered = event('device.register', { object: 'vio_dev-a', name: 'a', chain }, 0)
    const states = [{ ...attached(3), vio: [device('a', 'n')] }]
    const ofScan = get('n', 'of_node_get < scan', 0)
    const says = (...events: readonly EventSketch[]) =>
      findingsOf(
        'leak',
        withMemory(runOf(states, [init, child, ...events, registered]), { pointers: { n: 1 } }),
      )
    const ofDevice = get('n', 'of_node_get < vio_register_device_node < scan', 0)
    expect(says(ofScan)).toEqual([])
    for (const one of [ofScan, ofDevice])
      expect(says(one, ofScan)).toMatchObject([{ subject: '/x[0] held by scan', count: 1 }])
  })

  it('does not count a slot of the phandle cache as a pointer that holds a reference', () => {
    const nodes = [node('n', { refcount: 2 }), node('m', { path: '/m' })]
    const phandleCache = ['n', 'm'].map((one, slot) => ({ slot, node: one, freed: false }))
    const run = runOf([{ nodes, phandleCache }], [init, lookup, get('m', 'of_node_init < populate_node', 0)])
    expect(findingsOf('leak', withMemory(run, { pointers: { n: 1, m: 1 } }))).toMatchObject([
      { subject: '/x[0] held by parse_node' },
    ])
  })

  it('counts the slot if the cache holds a reference on each of its nodes', () => {
    const nodes = [node('n', { refcount: 2 }), node('m', { path: '/m', refcount: 2 })]
    const phandleCache = ['n', 'm'].map((one, slot) => ({ slot, node: one, freed: false }))
    const events = ['n', 'm'].flatMap((one) => [
      get(one, 'of_node_init < populate_node', 0),
      get(one, 'of_node_get < of_populate_phandle_cache', 0),
    ])
    const run = withMemory(runOf([{ nodes, phandleCache }], events), { pointers: { n: 1, m: 1 } })
    expect(findingsOf('leak', run)).toEqual([])
  })

  describe('of a call that attached the node', () => {
    const attach = '__of_attach_node_sysfs < of_attach_node < dlpar_attach_node'
    const root = node('root', { path: '/', refcount: 2 })
    const states = [{ nodes: [root] }, { nodes: [root, node('n', { refcount: 3 })] }]
    const init = [get('root', 'of_node_init < f', 0), get('n', 'of_node_init < dlpar_parse_cc_node')]
    const directory = get('root', `kobject_get < kobject_add_internal < kobject_add < ${attach}`)
    const link = event('node.attach', {
      object: 'n',
      chain: chainOf('__of_attach_node < of_attach_node < dlpar_attach_node'),
    })
    const own = get('n', `of_node_get < ${attach}`)
    const findingsAfter = (...events: readonly EventSketch[]) =>
      findingsOf('leak', withMemory(runOf(states, [...init, ...events]), { pointers: { root: 1 } }))

    it('is silent about one reference: the detach owes the put', () => {
      expect(findingsAfter(link, directory, own)).toEqual([])
      const whole = get('n', 'of_node_get < of_attach_node < dlpar_attach_node')
      expect(findingsAfter(link, directory, whole)).toEqual([])
    })

    it('fires on a second reference of the call', () => {
      expect(findingsAfter(link, directory, own, own)).toMatchObject([
        { subject: '/x[0] held by __of_attach_node_sysfs', count: 1 },
      ])
    })

    it('fires on a reference of a caller of the call that did both', () => {
      expect(findingsAfter(link, directory, get('n', 'of_node_get < dlpar_attach_node'))).toMatchObject([
        { subject: '/x[0] held by dlpar_attach_node', count: 1 },
      ])
      const ofKset = get('kset', `kobject_get < kobject_add_internal < kobject_add < ${attach}`)
      const onParent = get('root', 'of_node_get < dlpar_attach_node')
      expect(findingsAfter(link, ofKset, directory, onParent)).toMatchObject([
        { subject: '/[0] held by dlpar_attach_node', count: 1 },
      ])
    })

    it('fires on a reference of a call that attached another node, or none', () => {
      const elsewhere = get('root', 'kobject_get < kobject_add_internal < kobject_add < g')
      expect(findingsAfter(link, elsewhere, own)).toMatchObject([{ count: 1 }])
      expect(findingsAfter(link, directory, get('n', 'of_node_get < g'))).toMatchObject([
        { subject: '/x[0] held by g' },
      ])
    })

    it('fires on the reference of an attachment that a detach has ended', () => {
      const detach = event('node.detach', { object: 'n', again: false })
      expect(findingsAfter(link, directory, own, detach, link, directory, own)).toMatchObject([
        { subject: '/x[0] held by __of_attach_node_sysfs', count: 1 },
      ])
    })
  })

  describe('of the probe of a bound driver', () => {
    const held = get('n', 'of_node_get < nx_probe < really_probe')
    const bind = event('driver.bind', { object: 'vio_dev-a', device: 'a', driver: 'nx' })
    const unbind = event('driver.unbind', { object: 'vio_dev-a', device: 'a', driver: 'nx' })
    const findingsIf = (driver: string | null, at: NodeState, ...events: readonly EventSketch[]) =>
      findingsOf(
        'leak',
        withMemory(runOf([{}, { nodes: [at], vio: [device('a', 'n', driver)] }], [init, ...events]), {
          pointers: { n: 1 },
        }),
      )
    const leaked = { subject: '/x[0] held by nx_probe', count: 1 }

    it('is silent about one reference: the unbinding owes the put', () => {
      expect(findingsIf('nx', node('n', { refcount: 2 }), held, bind)).toEqual([])
      expect(findingsIf('nx', detached('n'), dropInit, held, bind)).toEqual([])
    })

    it('fires on a second reference of the probe', () => {
      expect(findingsIf('nx', node('n', { refcount: 3 }), held, held, bind)).toMatchObject([leaked])
    })

    it('fires once the driver is unbound', () => {
      expect(findingsIf(null, node('n', { refcount: 2 }), held, bind, unbind)).toMatchObject([leaked])
      expect(findingsIf(null, detached('n'), dropInit, held, bind, unbind)).toMatchObject([leaked])
    })

    it('fires on the reference of an earlier binding', () => {
      expect(findingsIf('nx', node('n', { refcount: 3 }), held, bind, unbind, held, bind)).toMatchObject([
        leaked,
      ])
    })
  })

  it('is silent if a task died: it has not dropped its references', () => {
    const died = event('oops', { function: 'f', reason: 'r', held: [] })
    expect(
      findingsOf('leak', withMemory(runOf([attached(1), attached(2)], [init, lookup, died]), {})),
    ).toEqual([])
  })

  it('is silent about a run of an engine that does not know the pointers in memory', () => {
    expect(findingsOf('leak', runOf([attached(1), attached(3)], [init, lookup, lookup]))).toEqual([])
  })
})

describe('leak on a device', () => {
  const registered = event('device.register', { object: 'd', name: 'x' })
  const find = get('d', 'kobject_get < get_device < bus_find_device < unbind_store < drv_attr_store')
  const drop = put('d', 'kobject_put < put_device < unbind_store < drv_attr_store')
  const init = get('d', 'kref_init < kobject_init < device_register < vio_register_device_node', 0)
  const says = (...events: EventSketch[]) => saysOf('leak', runOf([{}, {}], [registered, init, ...events]))
  const leaked = (holder: string, state: string, references: number) => ({
    subject: `device x[0] held by ${holder}`,
    kind: 'reference-held',
    data: { state, holder, references },
  })

  it('fires on a reference that a request of a user took and did not drop', () => {
    expect(says(find)).toEqual([leaked('unbind_store', 'registered', 2)])
    const bind = get('d', 'kobject_get < get_device < bus_find_device < bind_store < drv_attr_store')
    const gone = event('device.unregister', { object: 'd', name: 'x' })
    expect(says(find, drop, bind, gone)).toEqual([leaked('bind_store', 'unregistered', 2)])
  })

  it('is silent if the request drops it, or if another function keeps it', () => {
    expect(says(find, drop)).toEqual([])
    expect(says(get('d', 'get_device < my_probe < really_probe < bind_store'))).toEqual([])
  })

  it('is silent if the task of the request died', () => {
    expect(says(find, event('oops', { function: 'f', reason: 'r', held: [] }))).toEqual([])
  })
})
