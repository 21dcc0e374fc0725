// SPDX-License-Identifier: GPL-2.0-only
import { latin1, viewOf } from './bytes.ts'
import { FdtError } from './fdt-error.ts'
import {
  type DeviceTreeBlob,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_HEADER_SIZE,
  fdtLimits,
  FDT_MAGIC,
  FDT_MAX_DEPTH,
  FDT_NOP,
  FDT_OLDEST_VERSION,
  FDT_PROP,
  FDT_V16_HEADER_SIZE,
  FDT_VERSION,
  maxNodeName,
  maxPropertyName,
  type MemoryReservation,
} from './fdt-format.ts'
import type { FirmwareNode, FirmwareProperty } from './firmware-node.ts'

/** A part of the blob; reads must not leave it. */
interface Block {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** A node whose properties are being read. */
interface OpenNode extends FirmwareNode {
  readonly properties: FirmwareProperty[]
}

/** Reads forward through one block of the blob and rejects any read past its end. */
class BlockReader {
  readonly block: Block
  at: number
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array, block: Block) {
    this.bytes = bytes
    this.view = viewOf(bytes)
    this.block = block
    this.at = block.start
  }

  word(what: string): number {
    return this.view.getUint32(this.advance(4, what))
  }

  doubleWord(what: string): bigint {
    return this.view.getBigUint64(this.advance(8, what))
  }

  value(length: number): Uint8Array {
    const start = this.advance(length, `a value of ${length} bytes`)
    return this.bytes.slice(start, start + length)
  }

  string(what: string, longest: number = this.block.end - this.at): string {
    const end = this.bytes.indexOf(0, this.at)
    if (end < 0 || end >= this.block.end) {
      throw new FdtError(this.at, `${what} has no terminator within the ${this.block.name}`)
    }
    if (end - this.at > longest) {
      throw new FdtError(this.at, `${what} has ${end - this.at} characters, it is longer than ${longest}`)
    }
    const text = latin1(this.bytes.subarray(this.at, end))
    this.at = end + 1
    return text
  }

  /** Skips the padding up to the next word. */
  align(): void {
    this.at += -(this.at - this.block.start) & 3
  }

  private advance(length: number, what: string): number {
    const start = this.at
    if (length > this.block.end - start) {
      throw new FdtError(
        start,
        `${what} extends beyond the end of the ${this.block.name} at ${this.block.end}`,
      )
    }
    this.at += length
    return start
  }
}

/**
 * Parses a flattened device tree (DTB), version 16 or 17. Ignores bytes after the size in the header.
 *
 * @throws FdtError with the offset if the blob is malformed; never reads outside the blob
 */
export function readDeviceTree(bytes: Uint8Array): DeviceTreeBlob {
  const header = new BlockReader(bytes, { name: 'blob', start: 0, end: bytes.length })
  const magic = header.word('the header')
  if (magic !== FDT_MAGIC) {
    throw new FdtError(0, `the magic word is 0x${magic.toString(16)}; expected 0x${FDT_MAGIC.toString(16)}`)
  }
  const size = header.word('the header')
  const structure = header.word('the header')
  const strings = header.word('the header')
  const reserved = header.word('the header')
  const version = header.word('the header')
  const compatible = header.word('the header')
  const bootCpu = header.word('the header')
  const stringsSize = header.word('the header')
  if (version < FDT_OLDEST_VERSION || compatible > FDT_VERSION) {
    const given = `the version is ${version}, compatible with ${compatible}`
    throw new FdtError(20, `${given}; supported are ${FDT_OLDEST_VERSION} and ${FDT_VERSION}`)
  }
  if (size > fdtLimits.bytes) {
    throw new FdtError(4, `the size is ${size} bytes; at most ${fdtLimits.bytes} are accepted`)
  }
  if (size > bytes.length) {
    throw new FdtError(4, `the header gives a size of ${size} bytes, there are ${bytes.length}`)
  }
  const headerSize = version >= FDT_VERSION ? FDT_HEADER_SIZE : FDT_V16_HEADER_SIZE
  const structureSize = version >= FDT_VERSION ? header.word('the header') : Math.max(size - structure, 0)

  const block = (name: string, field: number, start: number, length: number): Block => {
    if (start < headerSize || start > size || length > size - start) {
      const place = `the ${name} at ${start} with ${length} bytes`
      throw new FdtError(field, `${place} is not between the header and the end of the blob at ${size}`)
    }
    return { name, start, end: start + length }
  }
  if (structure % 4 !== 0)
    throw new FdtError(8, `the structure block at ${structure} is not aligned to 4 bytes`)
  const reservedBlock = block('memory reservation block', 16, reserved, Math.max(size - reserved, 0))
  const structureBlock = block('structure block', 8, structure, structureSize)
  const stringsBlock = block('strings block', 12, strings, stringsSize)
  return {
    root: readStructure(bytes, structureBlock, stringsBlock),
    bootCpu,
    reservations: readReservations(new BlockReader(bytes, reservedBlock)),
  }
}

function readReservations(reader: BlockReader): MemoryReservation[] {
  const reservations: MemoryReservation[] = []
  for (;;) {
    const address = reader.doubleWord('a memory reservation')
    const size = reader.doubleWord('a memory reservation')
    if (address === 0n && size === 0n) return reservations
    const at = reader.at - 16
    if (reservations.push({ address, size }) > fdtLimits.reservations)
      throw new FdtError(at, `more than ${fdtLimits.reservations} memory reservations`)
  }
}

function readStructure(bytes: Uint8Array, block: Block, strings: Block): FirmwareNode {
  const reader = new BlockReader(bytes, block)
  /** The open nodes, innermost last. */
  const open: OpenNode[] = []
  let root: FirmwareNode | null = null
  let nodes = 0
  let properties = 0
  for (;;) {
    const at = reader.at
    const token = reader.word(
      open.length > 0 ? `a node that does not end ("${open.at(-1)?.name}")` : 'a tree without END',
    )
    const inner = open.at(-1)
    if (token === FDT_NOP) continue
    if (token === FDT_END) {
      if (inner !== undefined) throw new FdtError(at, `END within the node "${inner.name}"`)
      if (root === null) throw new FdtError(at, 'END before any node')
      return root
    }
    if (token === FDT_BEGIN_NODE) {
      if (++nodes > fdtLimits.nodes) throw new FdtError(at, `more than ${fdtLimits.nodes} nodes`)
      const node = beginNode(reader, at, open.length)
      if (inner !== undefined) inner.children.push(node)
      else if (root === null) root = node
      else throw new FdtError(at, `a second root, "${node.name}"; expected END`)
      open.push(node)
    } else if (inner === undefined) {
      throw new FdtError(at, `token 0x${token.toString(16)} outside of any node`)
    } else if (token === FDT_END_NODE) {
      open.pop()
    } else if (token === FDT_PROP) {
      if (++properties > fdtLimits.properties)
        throw new FdtError(at, `more than ${fdtLimits.properties} properties`)
      addProperty(reader, at, inner, new BlockReader(bytes, strings))
    } else {
      throw new FdtError(at, `unknown token 0x${token.toString(16)}; 1, 2, 3, 4 and 9 are known`)
    }
  }
}

function beginNode(reader: BlockReader, at: number, depth: number): OpenNode {
  if (depth >= FDT_MAX_DEPTH) throw new FdtError(at, `nodes are nested deeper than ${FDT_MAX_DEPTH}`)
  const name = reader.string('the name of a node', maxNodeName)
  reader.align()
  if (depth > 0 && (name === '' || name.includes('/'))) {
    throw new FdtError(at + 4, `"${name}" is not a node name; expected at least one character and no "/"`)
  }
  return { name, properties: [], children: [] }
}

function addProperty(reader: BlockReader, at: number, node: OpenNode, strings: BlockReader): void {
  const length = reader.word('a property')
  const nameOffset = reader.word('a property')
  if (node.children.length > 0) throw new FdtError(at, `a property after a child of the node "${node.name}"`)
  if (nameOffset >= strings.block.end - strings.block.start) {
    throw new FdtError(at + 8, `the name of a property at ${nameOffset} is beyond the strings block`)
  }
  strings.at += nameOffset
  const name = strings.string('the name of a property', maxPropertyName)
  if (name === '') throw new FdtError(at + 8, 'the name of a property is empty')
  node.properties.push({ name, value: reader.value(length) })
  reader.align()
}
