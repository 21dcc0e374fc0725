// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHash } from 'node:crypto'
import {
  type DeviceTreeBlob,
  FdtError,
  type FirmwareNode,
  pseriesQemuDeviceTree,
  readDeviceTree,
  stringValue,
  writeDeviceTree,
  fdtLimits,
} from '../src/index.ts'
import { placedNodes } from '../src/firmware-node.ts'

const leaf = (name: string): FirmwareNode => ({ name, properties: [], children: [] })

const name = fc.string({
  unit: fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code === 0x2f ? 0x30 : code)),
  minLength: 1,
  maxLength: 12,
})
const property = fc.record({ name, value: fc.uint8Array({ maxLength: 40 }) })
const { node } = fc.letrec<{ node: FirmwareNode }>((tie) => ({
  node: fc.record({
    name,
    properties: fc.array(property, { maxLength: 4 }),
    children: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constant<FirmwareNode[]>([]),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  }),
}))
const u64 = fc.bigInt({ min: 1n, max: 0xffffffffffffffffn })
const blob: fc.Arbitrary<DeviceTreeBlob> = fc.record({
  root: node.map((tree) => ({ ...tree, name: '' })),
  bootCpu: fc.integer({ min: 0, max: 0xffffffff }),
  reservations: fc.array(fc.record({ address: u64, size: u64 }), { maxLength: 3 }),
})

/** A blob with one node and one property; the tests corrupt its words. */
function small(): { bytes: Uint8Array; view: DataView } {
  const root = {
    ...leaf(''),
    properties: [{ name: 'model', value: stringValue('x') }],
    children: [leaf('a')],
  }
  const bytes = writeDeviceTree({ root, bootCpu: 0, reservations: [] })
  return { bytes, view: new DataView(bytes.buffer) }
}

/** Parses a small blob after one of its words was replaced. */
function readDamaged(at: number, word: number): () => unknown {
  const { bytes, view } = small()
  view.setUint32(at, word)
  return () => readDeviceTree(bytes)
}

/** An error with this text, at this byte of the blob. */
const fault = (reason: string, offset: number = expect.any(Number) as number): FdtError =>
  expect.objectContaining({ reason: expect.stringContaining(reason) as string, offset }) as FdtError

describe('a flattened device tree', () => {
  it('is read back as the written tree', () => {
    fc.assert(
      fc.property(blob, (tree) => {
        expect(readDeviceTree(writeDeviceTree(tree))).toEqual(tree)
      }),
    )
  })

  it('gives an FdtError if truncated anywhere', () => {
    fc.assert(
      fc.property(blob, fc.nat(), (tree, cut) => {
        const bytes = writeDeviceTree(tree)
        expect(() => readDeviceTree(bytes.subarray(0, cut % bytes.length))).toThrow(FdtError)
      }),
    )
  })

  it('gives a tree or an FdtError if bytes are changed', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }))
    const qemu = pseriesQemuDeviceTree()
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.boolean(), (changes, inHeader) => {
        const bytes = qemu.slice()
        for (const [at, byte] of changes) bytes[at % (inHeader ? 40 : bytes.length)] = byte
        try {
          const { root } = readDeviceTree(bytes)
          expect(placedNodes(root).length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(FdtError)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('may lie anywhere in a larger buffer; nothing outside it is read', () => {
    const { bytes } = small()
    const buffer = new Uint8Array(bytes.length + 32).fill(0xff)
    buffer.set(bytes, 12)
    expect(readDeviceTree(buffer.subarray(12))).toEqual(readDeviceTree(bytes))
  })

  it('keeps the order of properties and children, and a duplicate property', () => {
    const root: FirmwareNode = {
      name: '',
      properties: ['b', 'a', 'b'].map((each, i) => ({ name: each, value: Uint8Array.of(i) })),
      children: [leaf('z@1'), leaf('y'), leaf('z@1')],
    }
    expect(readDeviceTree(writeDeviceTree({ root, bootCpu: 0, reservations: [] })).root).toEqual(root)
  })

  it('can have version 16, without the size of its structure block', () => {
    const { bytes, view } = small()
    view.setUint32(20, 16)
    view.setUint32(36, 0)
    expect(readDeviceTree(bytes).root.children).toEqual([leaf('a')])
  })

  it('may have NOP tokens between nodes', () => {
    const { bytes, view } = small()
    const structure = view.getUint32(8)
    // The second node, "a", with its end: four words.
    for (let at = 24; at < 36; at += 4) view.setUint32(structure + at, 4)
    expect(readDeviceTree(bytes).root.children).toEqual([])
  })
})

describe('reading a malformed blob', () => {
  // Structure block of the small blob, from byte 56: BEGIN "" PROP 2 0 "x" BEGIN "a" END_NODE END_NODE END.
  it.each([
    ['a bad magic word', 0, 0xedfe0dd0, 0, 'magic'],
    ['a size beyond its bytes', 4, 0x10000, 4, 'the header gives a size of 65536'],
    ['an older version', 20, 3, 20, 'version is 3'],
    ['a newer incompatible version', 24, 18, 20, 'compatible with 18'],
    ['a structure block outside', 8, 0x1000, 8, 'structure block at 4096'],
    ['a structure block in the header', 8, 4, 8, 'structure block at 4 '],
    ['a structure block off its alignment', 8, 57, 8, 'not aligned'],
    ['a structure block of too many bytes', 36, 0xffffffff, 8, 'structure block at 56'],
    ['a strings block outside', 12, 0xfffffff0, 12, 'strings block'],
    ['a strings block of too many bytes', 32, 0xfffffff0, 12, 'strings block'],
    ['reservations outside', 16, 0xfffffff8, 16, 'memory reservation block'],
    ['an unknown token', 56, 7, 56, 'token 0x7 outside of any node'],
    ['an unknown token in a node', 64, 8, 64, 'unknown token 0x8'],
    ['a property larger than the block', 68, 0xffffff, 76, 'a value of 16777215 bytes'],
    ['a name of a property beyond the strings', 72, 0x100, 72, 'beyond the strings block'],
    ['an empty name of a property', 72, 5, 72, 'is empty'],
    ['an end before the first node', 56, 9, 56, 'END before any node'],
    ['an end within a node', 92, 9, 92, 'END within the node ""'],
    ['an end of a node too many', 96, 2, 96, 'outside of any node'],
    ['no end', 96, 4, 100, 'a tree without END'],
    ['an empty name of a node', 84, 0, 84, '"" is not a node name'],
    ['a name of a node with a slash', 84, 0x2f610000, 84, '"/a" is not a node name'],
  ])('finds %s', (_what, at, word, offset, reason) => {
    expect(readDamaged(at, word)).toThrow(fault(reason, offset))
    expect(readDamaged(at, word)).toThrow(`byte ${offset}`)
  })

  it('detects a node without an end', () => {
    const { bytes, view } = small()
    for (const at of [92, 96]) view.setUint32(at, 4)
    expect(() => readDeviceTree(bytes)).toThrow(fault('a node that does not end ("")', 100))
  })

  it('detects a node name without a terminator', () => {
    const { bytes } = small()
    bytes.fill(0x61, 84, 100)
    expect(() => readDeviceTree(bytes)).toThrow(fault('no terminator within the structure block', 84))
  })

  it('detects a property name without a terminator', () => {
    const { bytes } = small()
    bytes[bytes.length - 1] = 0x6c
    expect(() => readDeviceTree(bytes)).toThrow(fault('no terminator within the strings block'))
  })

  it('detects a second root', () => {
    const { bytes, view } = small()
    // The root ends before its child, so the child becomes a second root.
    view.setUint32(64, 2)
    for (const at of [68, 72, 76]) view.setUint32(at, 4)
    expect(() => readDeviceTree(bytes)).toThrow(fault('a second root, "a"'))
  })

  it('detects a property after a child', () => {
    const root = {
      ...leaf(''),
      children: [{ ...leaf('a'), properties: [{ name: 'p', value: new Uint8Array() }] }],
    }
    const bytes = writeDeviceTree({ root, bootCpu: 0, reservations: [] })
    const view = new DataView(bytes.buffer)
    // BEGIN "" BEGIN "a" PROP 0 0 END_NODE…: the child ends at its property, which then follows the child.
    expect(view.getUint32(72)).toBe(3)
    for (const [i, word] of [2, 3, 0, 0].entries()) view.setUint32(72 + i * 4, word)
    expect(() => readDeviceTree(bytes)).toThrow(fault('a property after a child'))
  })

  it("rejects nodes nested deeper than the kernel's limit", () => {
    const depth = 65
    const bytes = new Uint8Array(56 + depth * 8)
    const view = new DataView(bytes.buffer)
    const header = [0xd00dfeed, bytes.length, 56, 56, 40, 17, 16, 0, 0, depth * 8]
    header.forEach((word, i) => {
      view.setUint32(i * 4, word)
    })
    for (let i = 0; i < depth; i++) {
      view.setUint32(56 + i * 8, 1)
      view.setUint32(60 + i * 8, 0x61000000)
    }
    expect(() => readDeviceTree(bytes)).toThrow(fault('nested deeper than 64'))
  })

  it.each([
    ['nodes', () => ({ ...leaf(''), children: Array.from({ length: fdtLimits.nodes }, () => leaf('a')) })],
    [
      'properties',
      () => ({
        ...leaf(''),
        properties: Array.from({ length: fdtLimits.properties + 1 }, () => ({
          name: 'p',
          value: new Uint8Array(),
        })),
      }),
    ],
    ['bytes', () => ({ ...leaf(''), properties: [{ name: 'p', value: new Uint8Array(fdtLimits.bytes) }] })],
  ])('rejects a tree with too many %s', (what, root) => {
    const bytes = writeDeviceTree({ root: root(), bootCpu: 0, reservations: [] })
    expect(() => readDeviceTree(bytes)).toThrow(fault(what))
  })

  it('rejects too many memory reservations and node names that are too long', () => {
    const reservations = Array.from({ length: fdtLimits.reservations + 1 }, () => ({
      address: 1n,
      size: 1n,
    }))
    const reserved = writeDeviceTree({ root: leaf(''), bootCpu: 0, reservations })
    expect(() => readDeviceTree(reserved)).toThrow(fault('memory reservations'))
    const named = { ...leaf(''), children: [leaf('n'.repeat(256))] }
    const bytes = writeDeviceTree({ root: named, bootCpu: 0, reservations: [] })
    expect(() => readDeviceTree(bytes)).toThrow(fault('longer than 255'))
  })

  it('cannot become a large tree by sharing long property names in a small blob', () => {
    const name = 'n'.repeat(256)
    const root = { name: '', properties: [{ name, value: new Uint8Array() }], children: [] }
    expect(() => writeDeviceTree({ root, bootCpu: 0, reservations: [] })).toThrow(FdtError)
    const longest = { ...root, properties: [{ name: name.slice(1), value: new Uint8Array() }] }
    const bytes = writeDeviceTree({ root: longest, bootCpu: 0, reservations: [] })
    expect(readDeviceTree(bytes).root).toEqual(longest)
    // One more character in place of the terminator: the next byte ends the name.
    const longer = new Uint8Array(bytes.length + 1)
    longer.set(bytes)
    longer[bytes.length - 1] = 0x6e
    const view = new DataView(longer.buffer)
    view.setUint32(4, longer.length)
    view.setUint32(32, view.getUint32(32) + 1)
    expect(() => readDeviceTree(longer)).toThrow('longer than 255')
  })
})

describe('writing a blob', () => {
  it.each([
    ['a node', { ...leaf(''), children: [leaf('a/b')] }],
    ['a node', { ...leaf(''), children: [leaf('')] }],
    ['a node', leaf('a\0b')],
    ['a property', { ...leaf(''), properties: [{ name: '\u0394', value: new Uint8Array() }] }],
  ])('rejects a name that would be read back as the name of %s', (what, root) => {
    expect(() => writeDeviceTree({ root, bootCpu: 0, reservations: [] })).toThrow(
      fault(`cannot be the name of ${what}`),
    )
  })

  it('rejects a tree too deep to be read back', () => {
    let root = leaf('')
    for (let i = 0; i < 64; i++)
      root = { ...leaf(i === 63 ? '' : 'a'), children: [root.name === '' ? leaf('z') : root] }
    expect(() => writeDeviceTree({ root, bootCpu: 0, reservations: [] })).toThrow(fault('deeper'))
  })
})

describe('the device tree of the pseries machine', () => {
  it('equals the dumped blob', () => {
    const bytes = pseriesQemuDeviceTree()
    expect(bytes.length).toBe(14518)
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'e4a81be3261d9eef9ab783b75695b7b92f05530c38be92682fa9d1a794a6fcf2',
    )
  })

  it('has the platform facilities with the random number generator', () => {
    const paths = placedNodes(readDeviceTree(pseriesQemuDeviceTree()).root).map(({ path }) => path)
    expect(paths).toHaveLength(18)
    expect(paths).toContain('/ibm,platform-facilities/ibm,random-v1')
    expect(paths).toContain('/vdevice/vty@71000000')
  })
})
