// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
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
  type EventSketch,
} from '../support.ts'

const init = get('n', 'of_node_init < populate_node', 0)
const dropInit = put('n', 'kobject_put < of_node_put < __of_detach_node_sysfs < of_detach_node')
const taken = get('n', 'kobject_get < of_node_get < of_find_node_by_path < rng_init < do_one_initcall', 0)

describe('a stolen reference', () => {
  const device = get('n', 'kobject_get < of_node_get < vio_register_device_node', 0)
  const detachTwice = [init, device, taken, dropInit, { ...dropInit, step: 2 }]
  const states = [
    { nodes: [node('n')] },
    { nodes: [detached('n', { refcount: 2 })] },
    { nodes: [detached('n')] },
  ]

  it('is a refcount finding that names dropper and owner', () => {
    expect(findingsOf('refcount', runOf(states, detachTwice))).toMatchObject([
      {
        subject: '/x[0] stolen from vio_register_device_node',
        step: 2,
        kind: 'stolen-reference',
        data: { dropper: '__of_detach_node_sysfs', owner: 'vio_register_device_node' },
        evidence: [{ seq: 4 }, { seq: 1 }],
      },
    ])
  })

  it('is no longer a leak, and masks the leak: its owner still relies on it', () => {
    const run = runOf(states, detachTwice)
    expect(findingsOf('leak', run).map(({ subject }) => subject)).toEqual(['/x[0] held by rng_init'])
    expect(findingsOf('refcount', run)[0]?.masks).toEqual(['leak /x[0] held by vio_register_device_node'])
  })

  it('appears in the evidence of the remaining leaks', () => {
    expect(findingsOf('leak', runOf(states, detachTwice))[0]?.evidence).toContainEqual({
      kind: 'stolen',
      data: { dropper: '__of_detach_node_sysfs' },
      chain: chainOf('__of_detach_node_sysfs < of_detach_node'),
      seq: 4,
    })
  })
})

describe('refcount', () => {
  const states = [{ nodes: [released('n')] }]

  it('fires on a reference taken after the last one was dropped, once per node and kind of fault', () => {
    const fault = event('ref.fault', { object: 'n', fault: 'increment-on-0' })
    const run = runOf(states, [fault, fault, event('ref.fault', { object: 'n', fault: 'underflow' })])
    expect(findingsOf('refcount', run)).toMatchObject([
      {
        subject: '/x[0] increment-on-0',
        count: 2,
        kind: 'counter-fault',
        data: { fault: 'increment-on-0' },
      },
      { subject: '/x[0] underflow', count: 1, data: { fault: 'underflow' } },
    ])
  })

  it('is silent about references that are taken and dropped', () => {
    expect(findingsOf('refcount', runOf(states, [init, taken, dropInit]))).toEqual([])
  })

  it.each([
    { attached: true, what: 'while the node was attached' },
    { attached: false, what: 'although the node was never attached' },
  ])('fires on the last put $what', ({ attached }) => {
    const badPut = event('node.bad-put', { object: 'n', path: '/x', attached })
    expect(saysOf('refcount', runOf(states, [badPut]))).toEqual([
      { subject: '/x[0] bad put', kind: 'bad-put', data: { attached } },
    ])
  })

  it('is silent about other errors that the OF core prints', () => {
    const printk = event('printk', { level: 3, text: 'OF: ERROR: no such node /x' })
    expect(findingsOf('refcount', runOf(states, [printk]))).toEqual([])
  })
})

describe('a device that refers to a node without a reference', () => {
  const register = 'vio_register_device_node < scan < init'
  const registration = (name: string, by: string) =>
    event(
      'device.register',
      { object: `vio_dev-${name}`, name, chain: chainOf(`device_add < device_register < ${by}`) },
      0,
    )
  const registered = registration('d', register)
  const states = [{ nodes: [node('n')], vio: [device('d', 'n')] }]
  const says = (...events: readonly EventSketch[]) => saysOf('refcount', runOf(states, events))
  const lacking = (path: string, name: string) => ({
    subject: `/${path}[0] not held by device ${name}`,
    kind: 'node-not-held',
    data: { device: name },
  })
  const found = [lacking('x', 'd')]
  const taken = (chain: string, object = 'n') => get(object, `of_node_get < ${chain}`, 0)
  const dropped = (chain: string, step = 0) => put('n', `of_node_put < ${chain}`, step)

  it('is found if its registration takes none, with the registration as evidence', () => {
    expect(says(registered)).toEqual(found)
    expect(findingsOf('refcount', runOf(states, [registered]))[0]?.evidence).toMatchObject([
      { kind: 'device-registered', chain: chainOf(`device_add < device_register < ${register}`) },
    ])
  })

  it('is found if the reference is dropped at once, or is on another node', () => {
    expect(says(taken(register), dropped(register), registered)).toEqual(found)
    expect(says(taken(register, 'm'), registered)).toEqual(found)
    expect(says({ ...taken(register), before: 0, after: 0 }, registered)).toEqual(found)
  })

  it('is found if another function drops the reference, above, below or beside the one that took it', () => {
    const stolen = [{ kind: 'stolen-reference', subject: '/x[0] stolen from vio_register_device_node' }]
    for (const dropper of ['scan < init', `helper < ${register}`, 'put_it < scan < init']) {
      // By convention, only the release of the device drops this reference.
      expect(says(taken(register), registered, dropped(dropper)), dropper).toMatchObject(stolen)
      for (const taker of ['scan < init', 'take_next < scan < init', 'notify < other'])
        if (taker !== dropper)
          expect(says(taken(taker), registered, dropped(dropper)), `${taker}, ${dropper}`).toEqual(found)
    }
  })

  it('is found if the other references on the node belong to others', () => {
    const probe = `probe < really_probe < device_add < device_register < ${register}`
    expect(says(taken(probe), registered)).toEqual(found)
    expect(says(taken('probe < really_probe < init'), registered)).toEqual(found)
    expect(says(init, registered)).toEqual(found)
    expect(says(taken('of_changeset_action < apply'), registered)).toEqual(found)
    expect(says({ ...taken('rng_init < do_init_module'), step: 1 }, registered)).toEqual(found)
    const attach = event('node.attach', { object: 'n', chain: chainOf('attach < add') }, 0)
    expect(says(taken('attach < add'), attach, registered)).toEqual(found)
  })

  it('is found if another device has the only reference', () => {
    const two = [{ nodes: [node('n')], vio: [device('d', 'n'), device('e', 'n')] }]
    const events = [registered, registration('e', register)]
    expect(saysOf('refcount', runOf(two, [taken(register), ...events]))).toEqual([lacking('x', 'e')])
    expect(saysOf('refcount', runOf(two, [taken(register), taken(register), ...events]))).toEqual([])
  })

  it('is not found if the registration takes a reference while the parent of the device is probed', () => {
    const inProbe = `${register} < parent_probe < really_probe < init`
    const chain = chainOf(`device_add < device_register < ${inProbe}`)
    expect(says(taken(inProbe), { ...registered, chain })).toEqual([])
  })

  it('is not found if the registration, a helper or a caller of it takes a reference, before or after', () => {
    for (const chain of [register, `helper < ${register}`, 'scan < init', 'take_next < scan < init']) {
      expect(says(taken(chain), registered)).toEqual([])
      expect(says(registered, taken(chain))).toEqual([])
    }
  })

  it('is not found if another task hands a reference over', () => {
    expect(says({ ...taken('notify < queue'), task: 'sh/1' }, registered)).toEqual([])
  })

  it('is not found if the node was never attached, and its first reference was handed over', () => {
    const outside = [{ nodes: [detached('n', { flags: [] })], vio: [device('d', 'n')] }]
    expect(saysOf('refcount', runOf(outside, [init, registered]))).toEqual([])
  })

  it('is not found if the reference is dropped in a later step, or stolen: that is another fault', () => {
    expect(says(taken('scan < init'), registered, dropped('scan < init', 1))).toEqual([])
    const own = [taken(register), registered, taken('helper < other')]
    expect(says(...own, dropped('helper < other'), dropped('helper < other'))).toMatchObject([
      { kind: 'stolen-reference' },
    ])
  })

  describe('is not held by a reference of a stranger', () => {
    const two = [
      {
        nodes: [node('n', { path: '/n' }), node('m', { path: '/m' })],
        vio: [device('d', 'n'), device('e', 'm')],
      },
    ]
    const [leaked, both] = [taken('rng_init < init'), [registered, registration('e', register)]]
    const saysTwo = (...events: readonly EventSketch[]) => saysOf('refcount', runOf(two, events))

    it('if the same function registers another device without any reference', () => {
      expect(saysTwo(leaked, ...both)).toEqual([lacking('n', 'd'), lacking('m', 'e')])
    })

    it('if another function registers the other device', () => {
      expect(saysTwo(leaked, registered, registration('e', 'register_other < init'))).toEqual([
        lacking('n', 'd'),
        lacking('m', 'e'),
      ])
      const ofOther = taken('register_other < init', 'm')
      expect(saysTwo(leaked, registered, ofOther, registration('e', 'register_other < init'))).toEqual([
        lacking('n', 'd'),
      ])
    })

    it('if it is the only device', () => {
      expect(says(leaked, registered)).toEqual(found)
    })

    it('but is, if the stranger hands over a reference for each device', () => {
      expect(saysTwo(leaked, taken('rng_init < init', 'm'), ...both)).toEqual([])
    })
  })

  describe('is not held by a reference of the phandle cache', () => {
    const slot = (at: number, object: string) => ({ slot: at, node: object, freed: false })
    const cached = [
      {
        nodes: [node('n'), node('m', { path: '/m' }), node('o', { path: '/o' })],
        phandleCache: [slot(0, 'n'), slot(1, 'm'), slot(2, 'o')],
        vio: [device('d', 'n')],
      },
    ]
    const saysCached = (...events: readonly EventSketch[]) => saysOf('refcount', runOf(cached, events))
    const ofTask = (sketch: EventSketch): EventSketch => ({ ...sketch, task: 'sh/1' })
    const fill = ['n', 'm', 'o'].map((object) => ofTask(taken('fill_cache < open', object)))
    const handed = ofTask(taken('hand_over < other'))

    it('if most slots of nodes without a device have one', () => {
      expect(saysCached(...fill, registered)).toEqual(found)
      expect(saysCached(...fill.slice(0, 2), registered)).toEqual([])
    })

    it('which a caller of the registration may have taken', () => {
      const byScan = ['n', 'm', 'o'].map((object) => taken('of_find_node_by_phandle < scan < init', object))
      expect(saysCached(...byScan, registered)).toEqual(found)
    })

    it('but is held by another reference', () => {
      expect(saysCached(...fill, taken(register), registered)).toEqual([])
      expect(saysCached(...fill, handed, registered)).toEqual([])
    })

    it('if the cache holds none', () => {
      expect(saysCached(taken(register), registered)).toEqual([])
      expect(saysCached(handed, registered)).toEqual([])
      const [first, second] = [init, init].map((one, at) => ({ ...one, object: at === 0 ? 'm' : 'o' }))
      expect(saysCached(first ?? init, second ?? init, handed, registered)).toEqual([])
    })
  })

  it('names no function of the driver core: their role decides', () => {
    const chain = chainOf(`add_it < register_it < ${register}`)
    const run = runOf(states, [
      taken(`probe < really_probe < add_it < ${register}`),
      { ...registered, chain },
    ])
    const roles = { ...run.facts.roles, add_it: 'registration', register_it: 'registration' } as const
    expect(saysOf('refcount', { ...run, facts: { ...run.facts, roles } })).toEqual(found)
  })

  it('is found if and only if all references on its node are dropped, whoever takes and drops them', () => {
    const objects = ['n', 'm', 'o']
    const several = [
      {
        nodes: objects.map((object) => node(object, { path: `/${object}` })),
        vio: objects.map((object) => device(`of-${object}`, object)),
      },
    ]
    const register = (object: string) => `register_${object} < scan < init`
    const callers = (object: string) => [
      register(object),
      `helper < ${register(object)}`,
      'take_next < scan < init',
      'scan < init',
      'notify < other',
    ]
    const change = fc.record({
      object: fc.constantFrom(...objects),
      caller: fc.nat(4),
      isPut: fc.boolean(),
    })
    const seen = { held: 0, notHeld: 0, both: 0 }
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.nat(20), (changes, at) => {
        const open = new Map(objects.map((object) => [object, 0]))
        const events = changes.flatMap(({ object, caller, isPut }): EventSketch[] => {
          const count = open.get(object) ?? 0
          if (isPut && count === 0) return []
          open.set(object, count + (isPut ? -1 : 1))
          const chain = `${isPut ? 'of_node_put' : 'of_node_get'} < ${callers(object)[caller] ?? ''}`
          const sketch = isPut ? put(object, chain, 0) : get(object, chain, 0)
          return [caller === 4 ? { ...sketch, task: 'sh/1' } : sketch]
        })
        const all = [
          ...objects.map((object) => ({ ...init, object })),
          ...events.slice(0, at),
          ...objects.map((object) => registration(`of-${object}`, register(object))),
          ...events.slice(at),
        ]
        const findings = saysOf('refcount', runOf(several, all))
        // A theft has a finding of its own, and it is a guess which reference was stolen.
        if (findings.some(({ kind }) => kind === 'stolen-reference')) return
        const without = objects.filter((object) => open.get(object) === 0)
        expect(findings).toEqual(without.map((object) => lacking(object, `of-${object}`)))
        if (without.length === 0) seen.held++
        else if (without.length === objects.length) seen.notHeld++
        else seen.both++
      }),
      { numRuns: 1000 },
    )
    for (const [outcome, times] of Object.entries(seen)) expect(times, outcome).toBeGreaterThan(25)
  })

  it('is not found if it is unknown who took the reference', () => {
    expect(says()).toEqual([])
    const moved = [states[0] ?? {}, { nodes: [node('n'), node('m')], vio: [device('d', 'm')] }]
    expect(saysOf('refcount', runOf(moved, [taken(register), registered]))).toEqual([])
  })
})
