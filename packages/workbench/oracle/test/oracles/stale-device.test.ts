// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { chainOf, detached, device, event, findingsOf, node, released, runOf, saysOf } from '../support.ts'

describe('stale-device', () => {
  const detach = event('node.detach', {
    object: 'n',
    path: '/x',
    again: false,
    chain: chainOf('__of_detach_node'),
  })

  it('fires when a vio device refers to a detached node', () => {
    const run = runOf(
      [
        { nodes: [node('n')], vio: [device('x', 'n', 'a_driver')] },
        { nodes: [detached('n')], vio: [device('x', 'n', 'a_driver')] },
      ],
      [detach],
    )
    expect(findingsOf('stale-device', run)).toEqual([
      {
        oracle: 'stale-device',
        subject: 'x',
        step: 1,
        count: 1,
        kind: 'node-detached',
        data: { node: '/x[0]', state: 'detached', driver: 'a_driver' },
        evidence: [{ kind: 'device-node-detached', data: {}, chain: chainOf('__of_detach_node'), seq: 0 }],
      },
    ])
  })

  it('reports if the node was released', () => {
    const run = runOf([{ nodes: [released('n')], vio: [device('x', 'n')] }])
    expect(saysOf('stale-device', run)).toEqual([
      { subject: 'x', kind: 'node-detached', data: { node: '/x[0]', state: 'released', driver: null } },
    ])
  })

  it('fires twice if the memory of the node was freed, which is worse', () => {
    const run = runOf([{ nodes: [detached('n', { life: 'freed' })], vio: [device('x', 'n')] }])
    expect(findingsOf('stale-device', run).map(({ subject, kind }) => [subject, kind])).toEqual([
      ['x', 'node-detached'],
      ['x to freed memory', 'node-freed'],
    ])
  })

  it('is silent if the device refers to an attached node, or was unregistered with its node', () => {
    const moved = runOf([{ nodes: [detached('n'), node('m', { generation: 1 })], vio: [device('x', 'm')] }])
    expect(findingsOf('stale-device', moved)).toEqual([])
    const gone = runOf([{ nodes: [node('n')], vio: [device('x', 'n')] }, { nodes: [detached('n')] }])
    expect(findingsOf('stale-device', gone)).toEqual([])
  })
})
