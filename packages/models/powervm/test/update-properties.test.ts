// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, it } from 'vitest'
import { cells, Partition, stringValue } from '../src/index.ts'
import { askConnector, askNodes, askProperties, bytes, COMPRESSION, workArea } from './work-area.ts'

describe('ibm,update-properties', () => {
  const HANDLE = 0xfffffff4
  const sgLen = { kind: 'set', name: 'ibm,max-sg-len', value: cells([0x800]) } as const

  it('sends the path and the changed property, byte by byte', () => {
    const partition = new Partition()
    partition.updateProperties([{ node: COMPRESSION, properties: [sgLen] }])
    expect(askNodes(partition)).toEqual({ groups: [{ header: 0x02000001, words: [HANDLE] }], statuses: [0] })
    const area = workArea(HANDLE)
    expect(partition.rtas(partition.token('ibm,update-properties'), [area, 1])).toEqual([0])
    const expected = workArea(HANDLE, 0, 0, 0, 2)
    const path = [0, 0, 0, 0, 44, ...bytes('/ibm,platform-facilities/ibm,compression-v1\0')]
    expected.set([...path, ...bytes('ibm,max-sg-len\0'), 0, 0, 0, 4, 0, 0, 8, 0], 20)
    expect([...area]).toEqual([...expected])
  })

  it("reports a change that is also in firmware's tree and in the node when it is added again", () => {
    const partition = new Partition()
    partition.updateProperties([
      {
        node: COMPRESSION,
        properties: [sgLen, { kind: 'remove', name: 'status' }, { kind: 'name', name: 'compatible' }],
      },
    ])
    const properties = (): [string, Uint8Array][] =>
      partition
        .tree()
        .filter(({ path }) => path === COMPRESSION)
        .flatMap(({ node }) => node.properties.map(({ name, value }): [string, Uint8Array] => [name, value]))
    expect(properties()).toContainEqual(['ibm,max-sg-len', cells([0x800])])
    expect(properties()).toContainEqual(['compatible', stringValue('ibm,compression')])
    expect(properties().map(([name]) => name)).not.toContain('status')
    partition.beginMigration()
    expect(properties()).toContainEqual(['ibm,max-sg-len', cells([0x800])])
    const pieces = askConnector(partition, 0x50000002)
    expect(pieces.find(({ name }) => name === 'ibm,max-sg-len')?.value).toEqual(cells([0x800]))
    expect(pieces.map(({ name }) => name)).not.toContain('status')
  })

  it('sends a name alone with length 0, a removal with 0x80000000, and several properties in one call', () => {
    const partition = new Partition()
    partition.updateProperties([
      {
        node: COMPRESSION,
        properties: [{ kind: 'name', name: 'compatible' }, { kind: 'remove', name: 'x' }, sgLen],
      },
    ])
    expect(askProperties(partition, HANDLE)).toEqual([
      {
        status: 0,
        state: 0,
        descriptors: [
          { name: '', length: 44, value: bytes(`${COMPRESSION}\0`) },
          { name: 'compatible', length: 0, value: [] },
          { name: 'x', length: -0x80000000, value: [] },
          { name: 'ibm,max-sg-len', length: 4, value: [0, 0, 8, 0] },
        ],
      },
    ])
  })

  it('splits a value: a piece of negative length ends its answer, the last is positive', () => {
    const partition = new Partition()
    partition.updateProperties([
      {
        node: COMPRESSION,
        properties: [
          { kind: 'set', name: 'p', value: Uint8Array.of(1, 2, 3, 4, 5), pieceSize: 2 },
          { kind: 'name', name: 'q' },
        ],
      },
    ])
    const [first, ...rest] = askProperties(partition, HANDLE)
    expect(first).toMatchObject({ status: 1, state: 1 })
    expect(first?.descriptors.slice(1)).toEqual([{ name: 'p', length: -2, value: [1, 2] }])
    expect(rest).toEqual([
      { status: 1, state: 2, descriptors: [{ name: 'p', length: -2, value: [3, 4] }] },
      {
        status: 0,
        state: 0,
        descriptors: [
          { name: 'p', length: 1, value: [5] },
          { name: 'q', length: 0, value: [] },
        ],
      },
    ])
  })

  it('splits values that exceed one area', () => {
    const partition = new Partition()
    const value = Uint8Array.from({ length: 9000 }, (_, i) => i & 0xff)
    partition.updateProperties([
      { node: COMPRESSION, properties: [{ kind: 'set', name: 'big', value }, sgLen] },
    ])
    const answers = askProperties(partition, HANDLE)
    expect(answers.map(({ status }) => status)).toEqual([1, 1, 0])
    const pieces = answers.flatMap(({ descriptors }) => descriptors.filter(({ name }) => name === 'big'))
    expect(pieces.map(({ length }) => Math.sign(length))).toEqual([-1, -1, 1])
    expect(pieces.flatMap((piece) => piece.value)).toEqual([...value])
    expect(answers.at(-1)?.descriptors.at(-1)?.name).toBe('ibm,max-sg-len')
  })

  it.each([4010, 4011, 4012, 4013, 4014, 4015, 4016])(
    'never starts a property that does not fit the area (%i bytes before it)',
    (size) => {
      const partition = new Partition()
      const value = new Uint8Array(size).fill(1)
      const properties = [
        { kind: 'set', name: 'a', value },
        { kind: 'set', name: 'b', value: Uint8Array.of(7) },
      ] as const
      partition.updateProperties([{ node: COMPRESSION, properties }])
      const descriptors = askProperties(partition, HANDLE).flatMap((answer) => answer.descriptors)
      expect(descriptors.filter(({ name }) => name === 'a').flatMap((piece) => piece.value)).toHaveLength(
        size,
      )
      expect(descriptors.at(-1)).toEqual({ name: 'b', length: 1, value: [7] })
      expect(descriptors.every(({ name, length }) => name === '' || length !== 0)).toBe(true)
    },
  )

  it('sends only the path if nothing changed, and after everything was reported', () => {
    const partition = new Partition()
    expect(askProperties(partition, HANDLE)[0]?.descriptors).toHaveLength(1)
    partition.updateProperties([{ node: COMPRESSION, properties: [sgLen] }])
    expect(askProperties(partition, HANDLE)[0]?.descriptors).toHaveLength(2)
    expect(askProperties(partition, HANDLE)[0]?.descriptors).toHaveLength(1)
  })

  it('reports a PRRN event only under scope -2', () => {
    const partition = new Partition()
    partition.updateProperties([{ node: COMPRESSION, properties: [sgLen] }], 'prrn')
    expect(askNodes(partition).groups).toEqual([])
    expect(askProperties(partition, HANDLE)[0]?.descriptors).toHaveLength(1)
    expect(askNodes(partition, -2).groups).toEqual([{ header: 0x02000001, words: [HANDLE] }])
    expect(askProperties(partition, HANDLE, -2)[0]?.descriptors).toHaveLength(2)
  })

  it('returns -3 for an unknown phandle or state', () => {
    const partition = new Partition()
    const call = (...words: number[]): readonly number[] =>
      partition.rtas(partition.token('ibm,update-properties'), [workArea(...words), 1])
    expect([call(0), call(0x999), call(HANDLE, 4)]).toEqual([[-3], [-3], [-3]])
  })

  it('rejects a change that firmware cannot send', () => {
    const partition = new Partition()
    const update = (node: string, change: object): (() => void) => {
      return () => {
        partition.updateProperties([{ node, properties: [{ ...sgLen, ...change }] }])
      }
    }
    expect(update('/x', {})).toThrow(/knows no node "\/x"/)
    expect(update(COMPRESSION, { name: '' })).toThrow(/a name of 1 to 255 characters/)
    expect(update(COMPRESSION, { value: new Uint8Array() })).toThrow(/cannot send an empty value/)
    expect(update(COMPRESSION, { pieceSize: 0 })).toThrow(/pieceSize is 0/)
    partition.prepareMigration({ adds: [] })
    partition.beginMigration()
    expect(update(COMPRESSION, {})).toThrow(/was deleted/)
    expect(update('/', {})).not.toThrow()
  })
})
