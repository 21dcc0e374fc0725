// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainOf, detached, findingsOf, get, node, put, released, runOf, saysOf } from '../support.ts'

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

  it('fires on a node that was made and never attached', () => {
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
