// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import {
  cells,
  Partition,
  pseriesQemuDeviceTree,
  readDeviceTree,
  stringValue,
  writeDeviceTree,
} from '../src/index.ts'
import { nodeAt, setProperty } from '../src/firmware-node.ts'
import { askConnector, bytes, migrated, RANDOM, workArea } from './work-area.ts'

describe('ibm,configure-connector', () => {
  /** Properties of each node as sent after the first migration. */
  const childProperties = (...limits: string[]): string[] => [
    'name',
    'compatible',
    'status',
    'ibm,resource-id',
    'ibm,shared-interrupt-pool',
    ...limits,
    'ibm,phandle',
  ]
  const parentProperties = ['name', 'device_type', '#address-cells', '#size-cells', 'ibm,phandle']
  const limits = ['ibm,max-sg-len', 'ibm,max-sync-cop']

  it('returns the hierarchy: the parent, its children as siblings, a step up, the end', () => {
    const partition = migrated()
    expect(askConnector(partition, 0x50000000).map(({ status, name }) => [status, name])).toEqual([
      [2, 'ibm,platform-facilities'],
      ...parentProperties.map((name) => [3, name]),
      [2, 'ibm,random-v1'],
      ...childProperties().map((name) => [3, name]),
      [1, 'ibm,compression-v1'],
      ...childProperties(...limits).map((name) => [3, name]),
      [1, 'ibm,sym-encryption-v1'],
      ...childProperties(...limits).map((name) => [3, name]),
      [4, undefined],
      [0, undefined],
    ])
  })

  it('returns one node if nodes are added one by one', () => {
    const partition = migrated({ readd: 'per-node' })
    expect(askConnector(partition, 0x50000000).map(({ status }) => status)).toEqual([2, 3, 3, 3, 3, 3, 0])
    expect(askConnector(partition, 0x50000002)).toEqual([
      { status: 2, name: 'ibm,compression-v1' },
      { status: 3, name: 'name', value: stringValue('ibm,compression-v1') },
      { status: 3, name: 'compatible', value: stringValue('ibm,compression') },
      { status: 3, name: 'status', value: stringValue('okay') },
      { status: 3, name: 'ibm,resource-id', value: cells([2]) },
      { status: 3, name: 'ibm,shared-interrupt-pool', value: cells([0x1001]) },
      { status: 3, name: 'ibm,max-sg-len', value: cells([0xff0]) },
      { status: 3, name: 'ibm,max-sync-cop', value: cells([1, 0x1000, 0x1fe, 1, 0x1000, 0x1fe]) },
      { status: 3, name: 'ibm,phandle', value: cells([0xfffffff4]) },
      { status: 0 },
    ])
  })

  it('keeps its step in word 1, names at 0x100 and values at 0x200, byte by byte', () => {
    const partition = migrated()
    const area = workArea(0x50000001)
    const call = (): readonly number[] =>
      partition.rtas(partition.token('ibm,configure-connector'), [area, 0])
    expect(call()).toEqual([2])
    const node = workArea(0x50000001, 1, 0x100)
    node.set(bytes('ibm,random-v1\0'), 0x100)
    expect([...area]).toEqual([...node])
    call()
    expect(call()).toEqual([3])
    const compatible = workArea(0x50000001, 3, 0x100, 11, 0x200)
    compatible.set(bytes('compatible\0'), 0x100)
    compatible.set(bytes('ibm,random\0'), 0x200)
    expect([...area]).toEqual([...compatible])
  })

  it('omits "name" if the plan does', () => {
    const partition = migrated({ nameProperty: false })
    const names = askConnector(partition, 0x50000000).map(({ name }) => name)
    expect(names).toContain('compatible')
    expect(names).not.toContain('name')
  })

  it('sends an explicit name of the tree once, in front', () => {
    const tree = readDeviceTree(pseriesQemuDeviceTree())
    const random = nodeAt(tree.root, RANDOM)
    if (random !== undefined) setProperty(random, 'name', stringValue('rng'))
    const [, first, ...rest] = askConnector(new Partition({ blob: writeDeviceTree(tree) }), 0x50000001)
    expect(first).toEqual({ status: 3, name: 'name', value: stringValue('rng') })
    expect(rest.map(({ name }) => name)).toEqual(['compatible', 'ibm,phandle', undefined])
  })

  it('knows the other connectors of the tree by ibm,my-drc-index', () => {
    const pieces = askConnector(new Partition(), 0x10000000)
    expect(pieces.slice(0, 2)).toEqual([
      { status: 2, name: 'PowerPC,POWER9@0' },
      { status: 3, name: 'name', value: stringValue('PowerPC,POWER9') },
    ])
    expect(pieces.at(-1)).toEqual({ status: 0 })
  })

  it('continues after "call again" and stops at an error, as scripted', () => {
    const script = { statuses: { 'ibm,configure-connector': [0, 0, -2, 0, 5, -9003] } }
    const partition = migrated(script)
    expect(askConnector(partition, 0x50000000).map(({ status }) => status)).toEqual([2, 3, -2, 3, 5])
    expect(askConnector(partition, 0x50000000)).toEqual([{ status: -9003 }])
    const [, ...later] = askConnector(migrated({ statuses: { 'ibm,configure-connector': [-2] } }), 0x50000000)
    expect(later).toEqual(askConnector(migrated(), 0x50000000))
  })

  it('needs more memory for a value that does not fit after 0x200', () => {
    const partition = new Partition()
    const change = (size: number): void => {
      const value = new Uint8Array(size)
      partition.updateProperties([{ node: RANDOM, properties: [{ kind: 'set', name: 'big', value }] }])
    }
    change(3584)
    expect(askConnector(partition, 0x50000001).at(-1)).toEqual({ status: 0 })
    change(3585)
    expect(askConnector(partition, 0x50000001).at(-1)).toEqual({ status: 5 })
  })

  it('returns -9003 for an unknown connector, and -3 for a step past the end', () => {
    const partition = new Partition()
    expect(askConnector(partition, 0x50000009)).toEqual([{ status: -9003 }])
    const call = partition.rtas(partition.token('ibm,configure-connector'), [workArea(0x50000001, 99), 0])
    expect(call).toEqual([-3])
  })
})
