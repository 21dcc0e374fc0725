// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cells,
  FdtError,
  type FirmwareNode,
  handleOf,
  Partition,
  PartitionError,
  platformFacilities,
  propertyOf,
  pseriesQemuDeviceTree,
  readDeviceTree,
  stringValue,
  writeDeviceTree,
} from '../src/index.ts'
import { nodeAt, placedNodes } from '../src/firmware-node.ts'
import { bytes, COMPRESSION, PARENT, RANDOM, SYM_ENCRYPTION } from './work-area.ts'

const bootTree = (partition: Partition): FirmwareNode => readDeviceTree(partition.devicetree()).root

function nodeOf(partition: Partition, path: string): FirmwareNode {
  const node = nodeAt(bootTree(partition), path)
  if (node === undefined) throw new Error(`no ${path}`)
  return node
}

const namesOf = (node: FirmwareNode): string[] => node.properties.map(({ name }) => name)

const blobOf = (...children: FirmwareNode[]): Uint8Array =>
  writeDeviceTree({ root: { name: '', properties: [], children }, bootCpu: 0, reservations: [] })

describe('the boot tree', () => {
  it('has the four nodes in firmware order, with the phandles of PowerVM', () => {
    const partition = new Partition()
    const four = placedNodes(bootTree(partition)).filter(({ path }) => path.startsWith(PARENT))
    expect(four.map(({ path, node }) => [path, handleOf(node)])).toEqual([
      [PARENT, 0xfffffff6],
      [RANDOM, 0xfffffff5],
      [COMPRESSION, 0xfffffff4],
      [SYM_ENCRYPTION, 0xfffffff3],
    ])
  })

  it("keeps the blob's properties of parent and random and appends ibm,phandle", () => {
    const partition = new Partition()
    expect(nodeOf(partition, PARENT).properties).toEqual([
      { name: '#size-cells', value: cells([0]) },
      { name: '#address-cells', value: cells([1]) },
      { name: 'device_type', value: stringValue('ibm,platform-facilities') },
      { name: 'ibm,phandle', value: Uint8Array.of(0xff, 0xff, 0xff, 0xf6) },
    ])
    expect(nodeOf(partition, RANDOM).properties).toEqual([
      { name: 'compatible', value: stringValue('ibm,random') },
      { name: 'ibm,phandle', value: Uint8Array.of(0xff, 0xff, 0xff, 0xf5) },
    ])
  })

  it('has compression with all its properties, big-endian', () => {
    const limits = [0, 0, 0, 1, 0, 0, 0x10, 0, 0, 0, 1, 0xfe]
    expect(
      nodeOf(new Partition(), COMPRESSION).properties.map(({ name, value }) => [name, ...value]),
    ).toEqual([
      ['compatible', ...bytes('ibm,compression\0')],
      ['status', ...bytes('okay\0')],
      ['ibm,resource-id', 0, 0, 0, 2],
      ['ibm,shared-interrupt-pool', 0, 0, 0x10, 0],
      ['ibm,max-sg-len', 0, 0, 0x0f, 0xf0],
      ['ibm,max-sync-cop', ...limits, ...limits],
      ['ibm,phandle', 0xff, 0xff, 0xff, 0xf4],
    ])
  })

  it.each(['little', 'big'] as const)(
    'has the limits of sym-encryption in the host order: %s-endian',
    (endian) => {
      const node = nodeOf(new Partition({ endian }), SYM_ENCRYPTION)
      expect(namesOf(node)).toEqual(namesOf(nodeOf(new Partition(), COMPRESSION)))
      const words = (name: string): number[] => {
        const value = propertyOf(node, name) ?? new Uint8Array()
        const view = new DataView(value.buffer)
        return Array.from({ length: value.length / 4 }, (_, i) => view.getUint32(i * 4, endian === 'little'))
      }
      expect(words('ibm,max-sg-len')).toEqual([0xff0])
      const ciphers = [0, 1, 4, 6, 7, 20].flatMap((mode) => [
        0,
        mode,
        3,
        128,
        65536,
        510,
        192,
        65536,
        510,
        256,
        65536,
        510,
      ])
      const hashes = [2, 0, 3, 160, 65536, 510, 256, 65536, 510, 512, 65536, 510]
      expect(words('ibm,max-sync-cop')).toEqual([...ciphers, ...hashes])
      expect(propertyOf(node, 'ibm,resource-id')).toEqual(cells([3]))
    },
  )

  it('omits "name", which the kernel synthesises', () => {
    const placed = placedNodes(bootTree(new Partition()))
    expect(placed.filter(({ node }) => propertyOf(node, 'name') !== undefined)).toEqual([])
  })

  it('numbers the nodes without a phandle depth-first and keeps the phandles of the blob', () => {
    const handles = new Map(
      placedNodes(bootTree(new Partition())).map(({ path, node }) => [path, handleOf(node)]),
    )
    expect(handles.size).toBe(20)
    expect([...handles.entries()].filter(([, handle]) => handle < 0x1000)).toEqual([
      ['/', 1],
      ['/ibm,persistent-memory', 2],
      ['/chosen', 3],
      ['/rtas', 4],
      ['/event-sources', 5],
      ['/event-sources/hot-plug-events', 6],
      ['/event-sources/epow-events', 7],
      ['/cpus', 8],
      ['/cpus/PowerPC,POWER9@0', 9],
      ['/pci@800000020000000', 10],
      ['/vdevice', 11],
      ['/vdevice/vty@71000000', 12],
      ['/vdevice/nvram@71000001', 13],
      ['/vdevice/v-scsi@71000002', 14],
      ['/memory@0', 15],
    ])
    expect(handles.get('/interrupt-controller')).toBe(0x1111)
  })

  it('gives no phandle that shares a slot of the phandle cache with a facility', () => {
    const extra = Array.from({ length: 30 }, (_, i): FirmwareNode => ({
      name: `n${i}`,
      properties: [],
      children: [],
    }))
    const handles = placedNodes(bootTree(new Partition({ blob: blobOf(...extra) }))).map(({ node }) =>
      handleOf(node),
    )
    // 36 phandles need 64 slots. The facilities have slots 0x33 to 0x36, and no other node has one of these.
    expect(handles).toHaveLength(36)
    expect(handles.filter((handle) => handle % 64 >= 0x33 && handle % 64 <= 0x36)).toHaveLength(4)
    expect(new Set(handles).size).toBe(36)

    // 16 phandles need 16 slots. The facilities have slots 3 to 6, so no other node has a phandle from 3 to 6.
    const few = placedNodes(bootTree(new Partition({ blob: blobOf(...extra.slice(0, 10)) })))
    expect(few.map(({ node }) => handleOf(node)).filter((handle) => handle < 0x1000)).toEqual([
      1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ])
  })

  it('keeps the tokens of the blob and adds free ones for missing services', () => {
    const partition = new Partition()
    const rtas = nodeOf(partition, '/rtas')
    const tokens = {
      'ibm,suspend-me': 0x202a,
      'ibm,configure-connector': 0x201e,
      'get-sensor-state': 0x201d,
      'set-indicator': 0x201a,
      'ibm,activate-firmware': 0x202d,
      'ibm,update-nodes': 0x202e,
      'ibm,update-properties': 0x202f,
    } as const
    for (const [name, token] of Object.entries(tokens)) {
      expect(propertyOf(rtas, name)).toEqual(cells([token]))
      expect(partition.token(name as keyof typeof tokens)).toBe(token)
    }
  })

  it('has the memory reservations of the blob', () => {
    const blob = writeDeviceTree({
      root: { name: '', properties: [], children: [] },
      bootCpu: 3,
      reservations: [{ address: 0x1000n, size: 0x2000n }],
    })
    expect(readDeviceTree(new Partition({ blob }).devicetree())).toMatchObject({
      bootCpu: 3,
      reservations: [{ address: 0x1000n, size: 0x2000n }],
    })
  })
})

describe('a partition made from another device tree', () => {
  it('gets /rtas and the described nodes if they are missing', () => {
    const partition = new Partition({ blob: blobOf() })
    expect(placedNodes(bootTree(partition)).map(({ path }) => path)).toEqual([
      '/',
      PARENT,
      RANDOM,
      COMPRESSION,
      SYM_ENCRYPTION,
      '/rtas',
    ])
    expect(namesOf(nodeOf(partition, PARENT))).toEqual([
      'device_type',
      '#address-cells',
      '#size-cells',
      'ibm,phandle',
    ])
    expect(propertyOf(nodeOf(partition, '/rtas'), 'ibm,suspend-me')).toEqual(cells([0x2000]))
  })

  it('gets the described phandles instead of its own', () => {
    const children = [
      {
        name: 'ibm,compression-v1',
        properties: [
          { name: 'phandle', value: cells([77]) },
          { name: 'status', value: stringValue('disabled') },
        ],
        children: [],
      },
    ]
    const partition = new Partition({ blob: blobOf({ name: PARENT.slice(1), properties: [], children }) })
    expect(nodeOf(partition, COMPRESSION).properties).toEqual([
      { name: 'phandle', value: cells([0xfffffff4]) },
      { name: 'status', value: stringValue('disabled') },
      { name: 'ibm,phandle', value: cells([0xfffffff4]) },
    ])
  })

  it('is rejected if the blob is malformed', () => {
    expect(() => new Partition({ blob: pseriesQemuDeviceTree().subarray(0, 5000) })).toThrow(FdtError)
  })

  it('is rejected if another node has a described phandle', () => {
    const blob = blobOf({
      name: 'x',
      properties: [{ name: 'phandle', value: cells([0xfffffff4]) }],
      children: [],
    })
    expect(() => new Partition({ blob })).toThrow(PartitionError)
    expect(() => new Partition({ blob })).toThrow(
      /Phandle 0xfffffff4 belongs to \/x and to .*ibm,compression-v1/,
    )
  })

  it('is rejected if two services have the same token', () => {
    const properties = ['ibm,suspend-me', 'set-indicator'].map((name) => ({ name, value: cells([5]) }))
    const blob = blobOf({ name: 'rtas', properties, children: [] })
    expect(() => new Partition({ blob })).toThrow('ibm,suspend-me and set-indicator have the same token, 0x5')
  })

  it('is created or rejected with a typed error for any change to the blob', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const blob = pseriesQemuDeviceTree()
        for (const [at, byte] of changes) blob[56 + (at % (blob.length - 56))] = byte
        try {
          const partition = new Partition({ blob })
          partition.beginMigration()
          expect(partition.tree().map(({ path }) => path)).toContain(COMPRESSION)
        } catch (error) {
          if (!(error instanceof FdtError)) expect(error).toBeInstanceOf(PartitionError)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is rejected if a described node has no phandle, or the top node no DRC index', () => {
    const bare: FirmwareNode = { name: 'x', properties: [], children: [], drcIndex: 1 }
    expect(() => new Partition({ description: bare })).toThrow(/\/x: a described node needs an "ibm,phandle"/)
    const description = platformFacilities()
    delete description.drcIndex
    expect(() => new Partition({ description })).toThrow(/needs a DRC index/)
  })
})

describe("firmware's tree", () => {
  it.each([
    ['the usual tree', undefined],
    ['a tree of its own', pseriesQemuDeviceTree()],
  ])('is returned as a copy: changes to it affect no partition (%s)', (_title, blob) => {
    const options = blob === undefined ? {} : { blob }
    const partition = new Partition(options)
    const before = structuredClone(partition.tree())
    for (const { node } of partition.tree()) {
      node.properties = []
      node.children = []
      node.drcIndex = 0
    }
    expect(partition.tree()).toEqual(before)
    expect(new Partition(options).tree()).toEqual(before)
    expect(new Partition(options).devicetree()).toEqual(partition.devicetree())
  })

  it('is the same in both forms, before and after each kind of change', () => {
    const same = (change: (partition: Partition) => void): void => {
      const partition = new Partition()
      const before = partition.devicetree()
      before.fill(0)
      change(partition)
      const shapeOf = (root: FirmwareNode) =>
        placedNodes(root).map(({ path, node }) => [
          path,
          node.properties.map(({ name, value }) => [name, [...value]]),
        ])
      const flattened = shapeOf(readDeviceTree(partition.devicetree()).root)
      expect(flattened).toEqual(shapeOf(partition.tree()[0]?.node as FirmwareNode))
    }
    same(() => undefined)
    same((partition) => {
      partition.beginMigration()
    })
    same((partition) => {
      partition.updateProperties([
        { node: COMPRESSION, properties: [{ kind: 'set', name: 'status', value: stringValue('disabled') }] },
      ])
    })
    same((partition) => {
      partition.prepareMigration()
      partition.rtas(partition.token('ibm,suspend-me'), [])
    })
  })

  it('has the described content of the nodes after they are added again', () => {
    const partition = new Partition()
    partition.beginMigration()
    const { node } = partition.tree().find(({ path }) => path === RANDOM) ?? {}
    expect(node?.properties.map(({ name }) => name)).toEqual([
      'compatible',
      'status',
      'ibm,resource-id',
      'ibm,shared-interrupt-pool',
      'ibm,phandle',
    ])
    expect(handleOf(node as FirmwareNode)).toBe(0xfffffff5)
  })

  it('boots a kernel in its current state', () => {
    const partition = new Partition()
    partition.beginMigration()
    const placed = placedNodes(bootTree(partition))
    expect(placed.map(({ path }) => path).sort()).toEqual(
      partition
        .tree()
        .map(({ path }) => path)
        .sort(),
    )
  })
})
