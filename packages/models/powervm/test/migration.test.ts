// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { cells, type MigrationPlan, Partition, PartitionError, stringValue } from '../src/index.ts'
import {
  askConnector,
  askNodes,
  askProperties,
  bytes,
  COMPRESSION,
  migrated,
  PARENT,
  RANDOM,
  SYM_ENCRYPTION,
  wordsOf,
  workArea,
} from './work-area.ts'

const DELETES = { header: 0x01000004, words: [0xfffffff5, 0xfffffff4, 0xfffffff3, 0xfffffff6] }

const pathsOf = (partition: Partition): string[] => partition.tree().map(({ path }) => path)
const poolOf = (partition: Partition, path: string): Uint8Array | undefined =>
  partition
    .tree()
    .find((placed) => placed.path === path)
    ?.node.properties.find(({ name }) => name === 'ibm,shared-interrupt-pool')?.value

describe('ibm,suspend-me', () => {
  it('starts the migration: the interrupt pools count it, the phandles stay', () => {
    const partition = migrated()
    expect(poolOf(partition, COMPRESSION)).toEqual(cells([0x1001]))
    partition.rtas(partition.token('ibm,suspend-me'), [])
    for (const path of [RANDOM, COMPRESSION, SYM_ENCRYPTION]) {
      expect(poolOf(partition, path)).toEqual(cells([0x1002]))
    }
    expect(askNodes(partition).groups[0]).toEqual({ header: 0x01000004, words: DELETES.words })
  })

  it('returns the scripted statuses first and changes nothing until it succeeds', () => {
    const partition = new Partition()
    const before = partition.devicetree()
    partition.prepareMigration({ statuses: { 'ibm,suspend-me': [-9004, 9000] } })
    const suspend = (): readonly number[] => partition.rtas(partition.token('ibm,suspend-me'), [])
    expect([suspend(), suspend()]).toEqual([[-9004], [9000]])
    expect(partition.devicetree()).toEqual(before)
    expect(askNodes(partition).groups).toEqual([])
    expect(suspend()).toEqual([0])
    expect(askNodes(partition).groups).toHaveLength(2)
  })

  it('starts a default migration after the prepared one', () => {
    const partition = migrated({ readd: 'per-node' })
    expect(askNodes(partition).groups.at(-1)?.header).toBe(0x03000004)
    partition.rtas(partition.token('ibm,suspend-me'), [])
    expect(askNodes(partition).groups.at(-1)?.header).toBe(0x03000001)
  })
})

describe('ibm,update-nodes', () => {
  it('reports a migration with the hierarchy in one call, byte by byte', () => {
    const partition = migrated({ readd: 'hierarchy' })
    const area = workArea().fill(0xee, 16)
    expect(partition.rtas(partition.token('ibm,update-nodes'), [area, 1])).toEqual([0])
    const groups = [0x01000004, ...DELETES.words, 0x03000001, 1, 0x50000000, 0]
    expect([...area]).toEqual([...workArea(0, 0, 0, 0, ...groups)])
  })

  it('reports a migration with an ADD for each node in one call, byte by byte', () => {
    const partition = migrated({ readd: 'per-node' })
    const area = workArea()
    expect(partition.rtas(partition.token('ibm,update-nodes'), [area, 1])).toEqual([0])
    const adds = [1, 0x50000000, 0xfffffff6, 0x50000001, 0xfffffff6, 0x50000002, 0xfffffff6, 0x50000003]
    expect([...area]).toEqual([...workArea(0, 0, 0, 0, 0x01000004, ...DELETES.words, 0x03000004, ...adds, 0)])
  })

  it('is empty if nothing happened, and after everything was reported', () => {
    const partition = new Partition()
    expect(askNodes(partition)).toEqual({ groups: [], statuses: [0] })
    partition.beginMigration()
    expect(askNodes(partition).groups).toHaveLength(2)
    expect(askNodes(partition)).toEqual({ groups: [], statuses: [0] })
  })

  it('spreads the entries over several calls, all but the last with status 1', () => {
    const partition = migrated({ readd: 'per-node', nodesPerCall: 3 })
    expect(askNodes(partition)).toEqual({
      statuses: [1, 1, 0],
      groups: [
        { header: 0x01000003, words: [0xfffffff5, 0xfffffff4, 0xfffffff3] },
        { header: 0x01000001, words: [0xfffffff6] },
        { header: 0x03000002, words: [1, 0x50000000, 0xfffffff6, 0x50000001] },
        { header: 0x03000002, words: [0xfffffff6, 0x50000002, 0xfffffff6, 0x50000003] },
      ],
    })
  })

  it('starts again for an area with state zero, and rejects a state that it never returned', () => {
    const partition = migrated({ nodesPerCall: 2 })
    const first = workArea()
    partition.rtas(partition.token('ibm,update-nodes'), [first, 1])
    expect(wordsOf(first, 0, 1)).toEqual([1])
    expect(askNodes(partition).statuses).toEqual([1, 1, 0])
    expect(partition.rtas(partition.token('ibm,update-nodes'), [workArea(9), 1])).toEqual([-3])
  })

  it('splits entries that exceed one area', () => {
    const words = Array.from({ length: 1500 }, (_, i) => i)
    const partition = migrated({ unknownGroups: [{ action: 0x7f, words }] })
    const { statuses, groups } = askNodes(partition)
    expect(statuses).toEqual([1, 1, 0])
    const unknown = groups.filter(({ header }) => header >>> 24 === 0x7f)
    expect(unknown.flatMap((group) => group.words)).toEqual(words)
    expect(groups.slice(-2)).toEqual([DELETES, { header: 0x03000001, words: [1, 0x50000000] }])
  })

  it('sends groups of unknown actions first', () => {
    const partition = migrated({
      unknownGroups: [
        { action: 9, words: [7, 8] },
        { action: 0xff, words: [5] },
      ],
    })
    expect(askNodes(partition).groups.slice(0, 3)).toEqual([
      { header: 0x09000002, words: [7, 8] },
      { header: 0xff000001, words: [5] },
      DELETES,
    ])
  })

  it('returns a scripted status and reports everything in the next call', () => {
    const partition = migrated({ statuses: { 'ibm,update-nodes': [-1] } })
    expect(askNodes(partition)).toEqual({ groups: [], statuses: [-1] })
    expect(askNodes(partition).groups).toHaveLength(2)
  })

  it('keeps the changes of the other scope', () => {
    const partition = migrated()
    partition.beginMigration()
    expect(askNodes(partition).groups.map(({ header }) => header)).toEqual([
      0x01000004, 0x03000001, 0x01000004, 0x03000001,
    ])
  })
})

describe('a migration with a plan', () => {
  it('may leave out a facility', () => {
    const partition = migrated({ adds: [PARENT, RANDOM, COMPRESSION] })
    expect(pathsOf(partition)).not.toContain(SYM_ENCRYPTION)
    expect(askConnector(partition, 0x50000000).filter(({ status }) => status === 1)).toHaveLength(1)
    expect(askConnector(partition, 0x50000003)).toEqual([{ status: -9003 }])
    partition.prepareMigration({ deletes: [], adds: [SYM_ENCRYPTION] })
    partition.beginMigration()
    expect(poolOf(partition, SYM_ENCRYPTION)).toEqual(cells([0x1002]))
  })

  it('may delete and add single nodes', () => {
    const partition = migrated({ deletes: [RANDOM] })
    expect(askNodes(partition).groups).toEqual([
      { header: 0x01000001, words: [0xfffffff5] },
      { header: 0x03000001, words: [0xfffffff6, 0x50000001] },
    ])
    expect(poolOf(partition, RANDOM)).toEqual(cells([0x1001]))
    expect(poolOf(partition, COMPRESSION)).toEqual(cells([0x1000]))
  })

  it('adds the whole subtree of a deleted parent again', () => {
    const partition = migrated({ deletes: [PARENT] })
    expect(askNodes(partition).groups[0]).toEqual({ header: 0x01000001, words: [0xfffffff6] })
    expect(pathsOf(partition)).toContain(SYM_ENCRYPTION)
  })

  it('may change properties: added nodes have them, others get an UPDATE between the DELETEs and ADDs', () => {
    const status = { kind: 'set', name: 'status', value: stringValue('disabled') } as const
    const partition = migrated({
      deletes: [RANDOM],
      changes: [
        { node: RANDOM, properties: [status] },
        { node: COMPRESSION, properties: [status] },
      ],
    })
    expect(askNodes(partition).groups).toEqual([
      { header: 0x01000001, words: [0xfffffff5] },
      { header: 0x02000001, words: [0xfffffff4] },
      { header: 0x03000001, words: [0xfffffff6, 0x50000001] },
    ])
    const sent = askConnector(partition, 0x50000001).find(({ name }) => name === 'status')
    expect(sent?.value).toEqual(stringValue('disabled'))
    expect(askProperties(partition, 0xfffffff4)[0]?.descriptors[1]?.value).toEqual(bytes('disabled\0'))
  })

  it.each<[string, MigrationPlan, RegExp]>([
    ['deletes the root', { deletes: ['/'] }, /"\/" cannot be deleted/],
    ['deletes a node that is not there', { deletes: ['/x'] }, /"\/x" cannot be deleted; there are \/ibm/],
    ['adds a node that nobody knows', { adds: ['/x'] }, /knows no node "\/x"; it knows \//],
    ['adds a node that is still there', { deletes: [], adds: [RANDOM] }, /was not deleted/],
    ['adds a node without its parent', { adds: [RANDOM, PARENT] }, /without its parent/],
    ['adds a node without a connector', { deletes: ['/vdevice'] }, /it has no DRC index/],
    [
      'has a group of a known action',
      { unknownGroups: [{ action: 3, words: [] }] },
      /3 is not an unknown action/,
    ],
    ['has no entry in a call', { nodesPerCall: 0 }, /nodesPerCall is 0/],
    ['changes a node that nobody knows', { changes: [{ node: '/x', properties: [] }] }, /knows no node/],
  ])('is rejected if it %s', (_what, plan, message) => {
    const partition = new Partition()
    const before = partition.devicetree()
    expect(() => {
      partition.prepareMigration(plan)
    }).toThrow(PartitionError)
    expect(() => {
      partition.prepareMigration(plan)
    }).toThrow(message)
    expect(partition.devicetree()).toEqual(before)
  })
})
