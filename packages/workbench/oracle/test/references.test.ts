// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainOf, detached, event, findingsOf, get, node, put, released, runOf, saysOf } from './support.ts'

const init = get('n', 'of_node_init < populate_node', 0)
const dropInit = put('n', 'kobject_put < of_node_put < __of_detach_node_sysfs < of_detach_node')
const taken = get('n', 'kobject_get < of_node_get < of_find_node_by_path < rng_init < do_one_initcall', 0)

describe('leak', () => {
  it('fires on a detached node with a reference and names who took it', () => {
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
        message: 'detached, with a reference taken for rng_init and not dropped (1 in all)',
        evidence: [
          {
            text: 'taken for rng_init',
            chain: chainOf('of_find_node_by_path < rng_init < do_one_initcall'),
            seq: 1,
          },
        ],
      },
    ])
  })

  it('is silent if whoever took the reference dropped it', () => {
    const dropped = put('n', 'kobject_put < of_node_put < rng_init')
    const run = runOf([{ nodes: [node('n')] }, { nodes: [released('n')] }], [init, taken, dropped, dropInit])
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('is silent about references on a node that is in the tree', () => {
    const run = runOf([{ nodes: [node('n', { refcount: 7 })] }], [init, taken])
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('is silent about a detached node whose counter is at 0 but whose release has yet to run', () => {
    const run = runOf([{ nodes: [node('n')] }, { nodes: [detached('n', { refcount: 0 })] }], [init, dropInit])
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('fires once for each function that holds references', () => {
    const again = get('n', 'of_node_get < f')
    const states = [{ nodes: [detached('n', { refcount: 3 })] }]
    expect(saysOf('leak', runOf(states, [init, taken, again, again, dropInit]))).toEqual([
      '/x[0] held by rng_init: detached, with a reference taken for rng_init and not dropped (3 in all)',
      '/x[0] held by f: detached, with 2 references taken for f and not dropped (3 in all)',
    ])
  })

  it('fires on a node that was made and never attached', () => {
    const orphan = node('n', { inTree: false, sysfs: null, generation: 1 })
    const run = runOf([{}, { nodes: [orphan] }], [get('n', 'of_node_init < dlpar_parse_cc_node')])
    expect(saysOf('leak', run)).toEqual([
      '/x[1] held by of_node_init: never attached, with a reference taken for of_node_init and not dropped (1 in all)',
    ])
  })

  it('is silent about a reference that was given up before the end', () => {
    const run = runOf(
      [{ nodes: [node('n', { refcount: 2 })] }, { nodes: [detached('n')] }, { nodes: [released('n')] }],
      [init, taken, dropInit, put('n', 'of_node_put < rng_init', 2)],
    )
    expect(findingsOf('leak', run)).toEqual([])
  })

  it('tells since when a node has been leaked without a break', () => {
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

describe('a stolen reference', () => {
  const device = get('n', 'kobject_get < of_node_get < vio_register_device_node', 0)
  const detachTwice = [init, device, taken, dropInit, { ...dropInit, step: 2 }]
  const states = [
    { nodes: [node('n')] },
    { nodes: [detached('n', { refcount: 2 })] },
    { nodes: [detached('n')] },
  ]

  it('is a refcount finding that names thief and owner', () => {
    expect(findingsOf('refcount', runOf(states, detachTwice))).toMatchObject([
      {
        subject: '/x[0] stolen from vio_register_device_node',
        step: 2,
        message:
          "__of_detach_node_sysfs dropped a reference that is not its own but vio_register_device_node's",
        evidence: [{ seq: 4 }, { seq: 1 }],
      },
    ])
  })

  it('is no leak any more, and masks that it would be: its owner still counts on it', () => {
    const run = runOf(states, detachTwice)
    expect(findingsOf('leak', run).map(({ subject }) => subject)).toEqual(['/x[0] held by rng_init'])
    expect(findingsOf('refcount', run)[0]?.masks).toEqual(['leak /x[0] held by vio_register_device_node'])
  })

  it('is told of in the evidence of the leaks that remain', () => {
    expect(findingsOf('leak', runOf(states, detachTwice))[0]?.evidence).toContainEqual({
      text: '__of_detach_node_sysfs dropped a reference that was not its own',
      chain: chainOf('__of_detach_node_sysfs < of_detach_node'),
      seq: 4,
    })
  })
})

describe('refcount', () => {
  const states = [{ nodes: [released('n')] }]

  it('fires on a reference taken after the last one was dropped, once a node and kind of fault', () => {
    const fault = event('ref.fault', { object: 'n', fault: 'increment-on-0' })
    const run = runOf(states, [fault, fault, event('ref.fault', { object: 'n', fault: 'underflow' })])
    expect(findingsOf('refcount', run)).toMatchObject([
      {
        subject: '/x[0] increment-on-0',
        count: 2,
        message: 'a reference was taken after the last one was dropped (2 times)',
      },
      { subject: '/x[0] underflow', count: 1, message: 'a reference was dropped after the last one' },
    ])
  })

  it('is silent about references that are taken and dropped', () => {
    expect(findingsOf('refcount', runOf(states, [init, taken, dropInit]))).toEqual([])
  })

  it.each([
    { attached: true, what: 'while the node was attached' },
    { attached: false, what: 'of a node that never was attached' },
  ])('fires on the last put $what', ({ attached, what }) => {
    const badPut = event('node.bad-put', { object: 'n', path: '/x', attached })
    expect(saysOf('refcount', runOf(states, [badPut]))).toEqual([
      `/x[0] bad put: the last reference was dropped ${what}`,
    ])
  })

  it('is silent about other errors that the OF core prints', () => {
    const printk = event('printk', { level: 3, text: 'OF: ERROR: no such node /x' })
    expect(findingsOf('refcount', runOf(states, [printk]))).toEqual([])
  })
})

describe('stale-lookup', () => {
  const states = [{ nodes: [detached('n')] }]
  const attach = event('node.attach', { object: 'n' })
  const detach = event('node.detach', { object: 'n', path: '/x', again: false })
  const find = get('n', 'kobject_get < of_node_get < of_find_node_by_phandle < delete_dt_node')

  it('fires when a finder returns a node that was detached, to whom', () => {
    expect(saysOf('stale-lookup', runOf(states, [detach, find, find]))).toEqual([
      '/x[0]: of_find_node_by_phandle returned it to delete_dt_node after it was detached (2 times)',
    ])
  })

  it('is silent if the node was still attached, or is attached again', () => {
    expect(findingsOf('stale-lookup', runOf(states, [find, detach]))).toEqual([])
    expect(findingsOf('stale-lookup', runOf(states, [detach, attach, find]))).toEqual([])
  })

  it('is silent if somebody takes a reference on a detached node that it has already', () => {
    const own = get('n', 'kobject_get < of_node_get < delete_dt_node')
    expect(findingsOf('stale-lookup', runOf(states, [detach, own]))).toEqual([])
  })
})
