// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, detached, device, event, findingsOf, node, released, runOf, saysOf } from './support.ts'

describe('duplicate-name', () => {
  it('fires when a name in sysfs was taken and another was used', () => {
    const rename = event('sysfs.rename', { directory: '/base', wanted: 'x', used: 'x#1' })
    expect(saysOf('duplicate-name', runOf([{}], [rename]))).toEqual([
      '/base/x#1: "x" was taken, renamed to "x#1"',
    ])
  })

  it('fires when a name was taken and the creation was refused', () => {
    const refused = event('sysfs.duplicate', { path: '/sys/devices/vio/x' })
    expect(saysOf('duplicate-name', runOf([{}], [refused, refused]))).toEqual([
      '/sys/devices/vio/x: was there already, not created again (2 times)',
    ])
  })

  it('is silent if the name had been given up before', () => {
    const path = { path: '/sys/devices/vio/x', kind: 'directory' } as const
    const events = [event('sysfs.create', path), event('sysfs.remove', path), event('sysfs.create', path)]
    expect(findingsOf('duplicate-name', runOf([{}], events))).toEqual([])
  })
})

describe('lost-node', () => {
  const detach = (again: boolean, step: number) =>
    event(
      'node.detach',
      { object: 'n', path: '/x', again, chain: chainOf('__of_detach_node < of_detach_node') },
      step,
    )

  it("fires when firmware's tree has a node and the live tree has not, and says who took it out", () => {
    const run = runOf(
      [
        { firmware: ['/x'], nodes: [node('n')] },
        { firmware: ['/x'], nodes: [detached('n')] },
      ],
      [detach(false, 1), detach(true, 1)],
    )
    expect(findingsOf('lost-node', run)).toEqual([
      {
        oracle: 'lost-node',
        subject: '/x',
        step: 1,
        count: 1,
        message: 'firmware has this node, the live tree does not',
        evidence: [
          {
            text: 'last taken out of the tree by',
            chain: chainOf('__of_detach_node < of_detach_node'),
            seq: 0,
          },
        ],
      },
    ])
  })

  it('is silent if firmware deleted the node too', () => {
    const run = runOf([{ firmware: ['/x'], nodes: [node('n')] }, { nodes: [detached('n')] }])
    expect(findingsOf('lost-node', run)).toEqual([])
  })

  describe('if a person took the node out through ofdt', () => {
    const byHand = { ...detach(false, 1), chain: chainOf('of_detach_node < ofdt_write') }
    const gone = { firmware: ['/x', '/x/y'], nodes: [detached('n')] }
    const states = [{ ...gone, nodes: [node('n'), node('m', { path: '/x/y' })] }, gone, gone]

    it('is silent, about those below it too', () => {
      expect(findingsOf('lost-node', runOf(states, [byHand]))).toEqual([])
    })

    const connector = chainOf('of_node_init < dlpar_parse_cc_node < dlpar_configure_connector < add_dt_node')
    const fetched = (object: string, chain: CallChain = connector) =>
      event('ref.get', { object, before: 0, after: 1, chain }, 2)
    const again = {
      ...gone,
      nodes: [detached('n'), detached('o', { generation: 1 }), detached('p', { path: '/z' })],
    }

    it('fires again, about this node alone, when the kernel has fetched it from firmware since', () => {
      const run = runOf([states[0] ?? {}, gone, again], [byHand, fetched('o')])
      expect(findingsOf('lost-node', run)).toMatchObject([{ subject: '/x', step: 2 }])
    })

    it('is silent when the kernel has fetched other nodes, or a person added one', () => {
      for (const other of [fetched('p'), fetched('o', chainOf('of_node_init < ofdt_write'))]) {
        expect(findingsOf('lost-node', runOf([states[0] ?? {}, gone, again], [byHand, other]))).toEqual([])
      }
      const asked = event('rtas.call', { service: 'ibm,configure-connector', status: -1 }, 2)
      expect(findingsOf('lost-node', runOf(states, [byHand, asked]))).toEqual([])
    })

    it('fires when it was attached again and lost to firmware then', () => {
      const attach = event('node.attach', { object: 'n', path: '/x' }, 2)
      expect(findingsOf('lost-node', runOf(states, [byHand, attach, detach(false, 2)]))).toMatchObject([
        { subject: '/x', step: 2 },
      ])
    })
  })

  describe('if memory was short', () => {
    const short = event('alloc.failed', { struct: 'bytes' }, 1)
    const lost = { firmware: ['/x'], nodes: [detached('n')] }
    const whole = { firmware: ['/x'], nodes: [node('n')] }

    it('is silent about what the kernel could not do in that step', () => {
      expect(findingsOf('lost-node', runOf([whole, lost], [short]))).toEqual([])
    })

    it('fires when it is not put right by the next step, in which there is memory', () => {
      expect(findingsOf('lost-node', runOf([whole, lost, lost], [short]))).toMatchObject([
        { subject: '/x', step: 2 },
      ])
    })
  })

  it('is silent if another node has taken its place', () => {
    const run = runOf([{ firmware: ['/x'], nodes: [detached('n'), node('m', { generation: 1 })] }])
    expect(findingsOf('lost-node', run)).toEqual([])
  })

  it('is silent about a loss that was made good later', () => {
    const run = runOf([
      { firmware: ['/x'], nodes: [node('n')] },
      { firmware: ['/x'], nodes: [detached('n')] },
      { firmware: ['/x'], nodes: [detached('n'), node('m', { generation: 1 })] },
    ])
    expect(findingsOf('lost-node', run)).toEqual([])
  })
})

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
        message: 'refers to /x[0], which is detached; driver a_driver',
        evidence: [{ text: 'its node was detached by', chain: chainOf('__of_detach_node'), seq: 0 }],
      },
    ])
  })

  it('says so if the node is gone for good', () => {
    const run = runOf([{ nodes: [released('n')], vio: [device('x', 'n')] }])
    expect(saysOf('stale-device', run)).toEqual(['x: refers to /x[0], which is released; driver none'])
  })

  it('fires twice if the memory of the node was freed: that is worse', () => {
    const run = runOf([{ nodes: [detached('n', { life: 'freed' })], vio: [device('x', 'n')] }])
    expect(findingsOf('stale-device', run).map(({ subject }) => subject)).toEqual(['x', 'x to freed memory'])
  })

  it('is silent if the device refers to a node that is attached, or went away with its node', () => {
    const moved = runOf([{ nodes: [detached('n'), node('m', { generation: 1 })], vio: [device('x', 'm')] }])
    expect(findingsOf('stale-device', moved)).toEqual([])
    const gone = runOf([{ nodes: [node('n')], vio: [device('x', 'n')] }, { nodes: [detached('n')] }])
    expect(findingsOf('stale-device', gone)).toEqual([])
  })
})
