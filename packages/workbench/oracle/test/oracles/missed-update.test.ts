// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  detached,
  device,
  event,
  findingsOf,
  node,
  runOf,
  saysOf,
  updated,
  type EventSketch,
} from '../support.ts'

const path = '/ibm,platform-facilities/ibm,x-v1'

describe('missed-update', () => {
  const change = { node: path, property: 'ibm,max-sg-len' }
  const at = (driver: string | null, state: object): object => ({
    nodes: [node('n', { path })],
    vio: [device('ibm,x-v1', 'n', driver, state)],
  })
  const [old, now] = [{ settings: '4080' }, { settings: '2048' }]

  it('fires when the node of the bound driver does not have the new value', () => {
    const run = runOf([at('d', old), at('d', { ...old, outdated: [change.property] })], [], [], [change])
    expect(saysOf('missed-update', run)).toEqual([
      { subject: 'ibm,x-v1 ibm,max-sg-len', kind: 'old-value-in-node', data: { driver: 'd' } },
    ])
  })

  it('fires when the node has the new value and the driver still uses the old one', () => {
    expect(saysOf('missed-update', runOf([at('d', old), at('d', old)], [], [], [change]))).toEqual([
      { subject: 'ibm,x-v1 ibm,max-sg-len', kind: 'old-value-in-driver', data: { driver: 'd' } },
    ])
  })

  it('is silent if the driver took the new value, at once or later', () => {
    expect(findingsOf('missed-update', runOf([at('d', old), at('d', now)], [], [], [change]))).toEqual([])
    const later = runOf([at('d', old), at('d', old), at('d', now)], [], [], [change])
    expect(findingsOf('missed-update', later)).toEqual([])
  })

  it('fires when the node in the tree has the old value, even without a driver', () => {
    const tree = { nodes: [node('n', { path, outdated: [change.property] })] }
    expect(saysOf('missed-update', runOf([{}, tree], [], [], [change]))).toEqual([
      { subject: `${path} ${change.property}`, kind: 'old-value-in-tree', data: {} },
    ])
    const away = { nodes: [detached('n', { path, outdated: [change.property] })] }
    expect(findingsOf('missed-update', runOf([{}, away], [], [], [change]))).toEqual([])
  })

  it('names the detached node if that got the new value and the node in the tree did not', () => {
    const tree = node('new', { path, generation: 1, outdated: [change.property] })
    const says = (old: object, ...events: readonly EventSketch[]): unknown =>
      saysOf(
        'missed-update',
        runOf([{}, { nodes: [detached('old', { path, ...old }), tree] }], events, [], [change]),
      )
    const toOld = updated('old', change.property)
    expect(says({}, toOld)).toEqual([
      { subject: `${path}[0] ${change.property}`, kind: 'new-value-in-detached-node', data: {} },
    ])
    const nowhere = [{ subject: `${path} ${change.property}`, kind: 'old-value-in-tree', data: {} }]
    // Nobody wrote the value, another property or another value was written, or the node cannot be read.
    expect(says({})).toEqual(nowhere)
    expect(says({}, updated('old', 'status'))).toEqual(nowhere)
    expect(says({}, updated('old', change.property, 0))).toEqual(nowhere)
    expect(says({ outdated: [change.property] }, toOld)).toEqual(nowhere)
    expect(says({ life: 'freed' }, toOld)).toEqual(nowhere)
    expect(says({ path: '/y' }, toOld)).toEqual(nowhere)
  })

  it('is silent about a step in which firmware failed, memory was short, or a task died', () => {
    const tree = { nodes: [node('n', { path, outdated: [change.property] })] }
    for (const excuse of [
      event('rtas.call', { service: 'ibm,update-properties', status: -1 }),
      event('alloc.failed', { struct: 'bytes' }),
      event('oops', { held: [] }),
    ])
      expect(findingsOf('missed-update', runOf([{}, tree], [excuse], [], [change]))).toEqual([])
  })

  it('fires when the kernel does not read all changes of a migration', () => {
    const suspended = event('rtas.call', { service: 'ibm,suspend-me', status: 0 })
    const asked = (status: number) => event('rtas.call', { service: 'ibm,update-nodes', status })
    const says = (...events: readonly EventSketch[]): unknown =>
      saysOf('missed-update', runOf([{}, {}], [suspended, ...events])).map(({ kind, data }) => ({
        kind,
        data,
      }))
    expect(says()).toEqual([{ kind: 'changes-not-read', data: { calls: 0 } }])
    expect(says(asked(1), asked(1))).toEqual([{ kind: 'changes-not-read', data: { calls: 2 } }])
    expect(says(asked(1), asked(0))).toEqual([])
    expect(says(asked(-1))).toEqual([])
    expect(says(event('alloc.failed', { struct: 'bytes' }))).toEqual([])
    const refused = event('rtas.call', { service: 'ibm,suspend-me', status: -1 })
    expect(findingsOf('missed-update', runOf([{}, {}], [refused]))).toEqual([])
  })

  it('is silent without a driver, without a change, and for a driver that does not use properties', () => {
    const free = runOf([at(null, old), at(null, { outdated: [change.property] })], [], [], [change])
    expect(findingsOf('missed-update', free)).toEqual([])
    expect(findingsOf('missed-update', runOf([at('d', old), at('d', old)]))).toEqual([])
    expect(findingsOf('missed-update', runOf([at('d', {}), at('d', {})], [], [], [change]))).toEqual([])
  })
})
