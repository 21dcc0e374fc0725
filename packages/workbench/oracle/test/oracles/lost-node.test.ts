// SPDX-License-Identifier: GPL-2.0-only
import type { CallChain, RunRecord } from '@pfo-workbench/run'
import { describe, expect, it } from 'vitest'
import { chainOf, detached, event, findingsOf, node, runOf, updated, type EventSketch } from '../support.ts'

describe('lost-node', () => {
  const detach = (again: boolean, step: number) =>
    event(
      'node.detach',
      { object: 'n', path: '/x', again, chain: chainOf('__of_detach_node < of_detach_node') },
      step,
    )

  it("fires when the live tree lacks a node of firmware's tree, and shows the call chain that detached it", () => {
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
        kind: 'node-missing',
        data: {},
        evidence: [
          {
            kind: 'node-detached',
            data: {},
            chain: chainOf('__of_detach_node < of_detach_node'),
            seq: 0,
          },
        ],
      },
    ])
  })

  it('masks updates that went to a detached node of its path, and no others', () => {
    const changes = [
      { node: '/x', property: 'status' },
      { node: '/x', property: 'name' },
      { node: '/y', property: 'status' },
    ]
    const masks = (...events: readonly EventSketch[]): unknown =>
      findingsOf(
        'lost-node',
        runOf(
          [
            { firmware: ['/x'], nodes: [node('n'), node('m', { path: '/y' })] },
            { firmware: ['/x'], nodes: [detached('n'), detached('m', { path: '/y' })] },
          ],
          events,
          [],
          changes,
        ),
      )[0]?.masks
    expect(masks(updated('n', 'status'), updated('m', 'status'))).toEqual(['missed-update /x[0] status'])
    expect(masks(updated('m', 'status'))).toBeUndefined()
    expect(masks()).toBeUndefined()
  })

  it('is silent if firmware deleted the node too', () => {
    const run = runOf([{ firmware: ['/x'], nodes: [node('n')] }, { nodes: [detached('n')] }])
    expect(findingsOf('lost-node', run)).toEqual([])
  })

  describe('if the user removed the node through ofdt', () => {
    const byHand = { ...detach(false, 1), chain: chainOf('of_detach_node < ofdt_write') }
    const gone = { firmware: ['/x', '/x/y'], nodes: [detached('n')] }
    const states = [{ ...gone, nodes: [node('n'), node('m', { path: '/x/y' })] }, gone, gone]

    it('is silent, also about its descendants', () => {
      expect(findingsOf('lost-node', runOf(states, [byHand]))).toEqual([])
    })

    const connector = chainOf('of_node_init < dlpar_parse_cc_node < dlpar_configure_connector < add_dt_node')
    const fetched = (object: string, chain: CallChain = connector) =>
      event('ref.get', { object, before: 0, after: 1, chain }, 2)
    const again = {
      ...gone,
      nodes: [detached('n'), detached('o', { generation: 1 }), detached('p', { path: '/z' })],
    }

    it('fires again, for this node alone, once the kernel has fetched it from firmware', () => {
      const run = runOf([states[0] ?? {}, gone, again], [byHand, fetched('o')])
      expect(findingsOf('lost-node', run)).toMatchObject([{ subject: '/x', step: 2 }])
    })

    it('is silent if the kernel fetched other nodes, or the user added one', () => {
      for (const other of [fetched('p'), fetched('o', chainOf('of_node_init < ofdt_write'))]) {
        expect(findingsOf('lost-node', runOf([states[0] ?? {}, gone, again], [byHand, other]))).toEqual([])
      }
      const asked = event('rtas.call', { service: 'ibm,configure-connector', status: -1 }, 2)
      expect(findingsOf('lost-node', runOf(states, [byHand, asked]))).toEqual([])
    })

    it('fires if it was attached again and then lost to firmware', () => {
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

    it('fires if the next step, in which memory is available, does not repair it', () => {
      expect(findingsOf('lost-node', runOf([whole, lost, lost], [short]))).toMatchObject([
        { subject: '/x', step: 2 },
      ])
    })
  })

  describe('if firmware refused to describe a node', () => {
    const asked = (status: number, step: number) =>
      event(
        'rtas.call',
        {
          service: 'ibm,configure-connector',
          status,
          chain: chainOf('rtas_call < dlpar_configure_connector'),
        },
        step,
      )
    const lost = { firmware: ['/x'], nodes: [detached('n')] }
    const whole = { firmware: ['/x'], nodes: [node('n')] }
    /** A run in whose first step the scenario makes firmware refuse. */
    const refusing = (...given: Parameters<typeof runOf>): RunRecord => {
      const run = runOf(...given)
      const step = {
        migrate: { readd: 'hierarchy', statuses: { 'ibm,configure-connector': [-9003] } },
      } as const
      return { ...run, steps: run.steps.map((one) => (one.index === 1 ? { ...one, step } : one)) }
    }

    it('fires if the scenario did not make firmware refuse: the request was wrong', () => {
      expect(findingsOf('lost-node', runOf([whole, lost], [asked(-9003, 1)]))).toMatchObject([
        { subject: '/x' },
      ])
    })

    it('is silent about that step, and fires if the next step does not repair it', () => {
      expect(findingsOf('lost-node', refusing([whole, lost], [asked(-9003, 1)]))).toEqual([])
      expect(findingsOf('lost-node', refusing([whole, lost, lost], [asked(-9003, 1)]))).toMatchObject([
        { subject: '/x', step: 2 },
      ])
    })

    it('fires if the node was lost before, or if firmware only wanted to be called again', () => {
      expect(findingsOf('lost-node', refusing([whole, lost, lost], [asked(-9003, 2)]))).toMatchObject([
        { subject: '/x', step: 1 },
      ])
      expect(findingsOf('lost-node', refusing([whole, lost], [asked(-2, 1)]))).toMatchObject([
        { subject: '/x' },
      ])
    })
  })

  it('is silent if another node has taken its place', () => {
    const run = runOf([{ firmware: ['/x'], nodes: [detached('n'), node('m', { generation: 1 })] }])
    expect(findingsOf('lost-node', run)).toEqual([])
  })

  it('is silent about a loss that was repaired later', () => {
    const run = runOf([
      { firmware: ['/x'], nodes: [node('n')] },
      { firmware: ['/x'], nodes: [detached('n')] },
      { firmware: ['/x'], nodes: [detached('n'), node('m', { generation: 1 })] },
    ])
    expect(findingsOf('lost-node', run)).toEqual([])
  })
})
