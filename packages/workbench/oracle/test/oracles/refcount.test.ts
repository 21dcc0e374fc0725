// SPDX-License-Identifier: GPL-2.0-only
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
  const registered = event(
    'device.register',
    { object: 'vio_dev-d', name: 'd', chain: chainOf(`device_add < device_register < ${register}`) },
    0,
  )
  const states = [{ nodes: [node('n')], vio: [device('d', 'n')] }]
  const says = (...events: readonly EventSketch[]) => saysOf('refcount', runOf(states, events))
  const found = [{ subject: '/x[0] not held by device d', kind: 'node-not-held', data: { device: 'd' } }]
  const taken = (chain: string) => get('n', `of_node_get < ${chain}`, 0)

  it('is found if its registration takes none, with the registration as evidence', () => {
    expect(says(registered)).toEqual(found)
    expect(findingsOf('refcount', runOf(states, [registered]))[0]?.evidence).toMatchObject([
      { kind: 'device-registered', chain: chainOf(`device_add < device_register < ${register}`) },
    ])
  })

  it('is found if the reference is dropped at once, is that of the driver, or is on another node', () => {
    const other = get('m', `of_node_get < ${register}`, 0)
    expect(says(taken(register), put('n', `of_node_put < ${register}`, 0), registered)).toEqual(found)
    const probe = `probe < really_probe < device_add < device_register < ${register}`
    expect(says(taken(probe), registered)).toEqual(found)
    expect(says(other, registered)).toEqual(found)
    expect(says({ ...taken('rng_init < do_init_module'), step: 1 }, registered)).toEqual(found)
    expect(says({ ...taken(register), before: 0, after: 0 }, registered)).toEqual(found)
  })

  it('is not found if the registration takes a reference while the parent of the device is probed', () => {
    const inProbe = `${register} < parent_probe < really_probe < init`
    const chain = chainOf(`device_add < device_register < ${inProbe}`)
    expect(says(taken(inProbe), { ...registered, chain })).toEqual([])
  })

  it('is not found if the registration, a helper or a caller of it takes a reference', () => {
    for (const chain of [register, `helper < ${register}`, 'scan < init'])
      expect(says(taken(chain), registered)).toEqual([])
  })

  it('is not found if it is unknown who took the reference', () => {
    expect(says()).toEqual([])
    const moved = [states[0] ?? {}, { nodes: [node('n'), node('m')], vio: [device('d', 'm')] }]
    expect(saysOf('refcount', runOf(moved, [taken(register), registered]))).toEqual([])
  })
})
