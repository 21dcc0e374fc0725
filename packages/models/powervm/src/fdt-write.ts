// SPDX-License-Identifier: GPL-2.0-only
import { stringValue, viewOf } from './bytes.ts'
import { FdtError } from './fdt-error.ts'
import {
  type DeviceTreeBlob,
  FDT_BEGIN_NODE,
  FDT_END,
  FDT_END_NODE,
  FDT_HEADER_SIZE,
  FDT_MAGIC,
  FDT_MAX_DEPTH,
  FDT_OLDEST_VERSION,
  FDT_PROP,
  FDT_VERSION,
  maxPropertyName,
} from './fdt-format.ts'
import type { FirmwareNode } from './firmware-node.ts'

/** A growing byte array. */
class ByteList {
  length = 0
  private bytes = new Uint8Array(4096)
  private view = viewOf(this.bytes)

  /** Makes room for more bytes and returns their offset. */
  private grow(count: number): number {
    const at = this.length
    this.length += count
    if (this.length > this.bytes.length) {
      const larger = new Uint8Array(2 * this.length)
      larger.set(this.bytes)
      this.bytes = larger
      this.view = viewOf(larger)
    }
    return at
  }

  append(chunk: Uint8Array): void {
    const at = this.grow(chunk.length)
    this.bytes.set(chunk, at)
  }

  appendWords(...words: readonly number[]): void {
    const at = this.grow(words.length * 4)
    for (const [i, word] of words.entries()) this.view.setUint32(at + i * 4, word)
  }

  /** Pads with zeros up to the next word. */
  align(): void {
    this.grow(-this.length & 3)
  }

  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** The strings block, with each property name once. */
class StringTable {
  readonly bytes: ByteList = new ByteList()
  private readonly offsets = new Map<string, number>()

  offsetOf(name: string): number {
    const known = this.offsets.get(name)
    if (known !== undefined) return known
    const offset = this.bytes.length
    this.offsets.set(name, offset)
    this.bytes.append(stringValue(name))
    return offset
  }
}

/**
 * Flattens a tree to a DTB of version 17. `readDeviceTree` returns the same tree.
 *
 * @throws FdtError for an invalid name, or if the tree is too deep to be read back
 */
export function writeDeviceTree(blob: DeviceTreeBlob): Uint8Array {
  const reserved = new Uint8Array((blob.reservations.length + 1) * 16)
  blob.reservations.forEach(({ address, size }, i) => {
    viewOf(reserved).setBigUint64(i * 16, address)
    viewOf(reserved).setBigUint64(i * 16 + 8, size)
  })
  const structureStart = FDT_HEADER_SIZE + reserved.length
  const structure = new ByteList()
  const names = new StringTable()
  appendNode(blob.root, 1)
  structure.appendWords(FDT_END)

  const stringsStart = structureStart + structure.length
  const size = stringsStart + names.bytes.length
  const bytes = new ByteList()
  bytes.appendWords(FDT_MAGIC, size, structureStart, stringsStart)
  bytes.appendWords(FDT_HEADER_SIZE, FDT_VERSION, FDT_OLDEST_VERSION)
  bytes.appendWords(blob.bootCpu, names.bytes.length, structure.length)
  for (const block of [reserved, structure.toBytes(), names.bytes.toBytes()]) bytes.append(block)
  return bytes.toBytes()

  function appendNode(node: FirmwareNode, depth: number): void {
    if (depth > FDT_MAX_DEPTH) fail(`nodes are nested deeper than ${FDT_MAX_DEPTH}`)
    if (!isName(depth === 1 ? `/${node.name}` : node.name) || (depth > 1 && node.name.includes('/'))) {
      fail(`"${node.name}" cannot be the name of a node`)
    }
    structure.appendWords(FDT_BEGIN_NODE)
    structure.append(stringValue(node.name))
    structure.align()
    for (const { name, value } of node.properties) {
      if (!isName(name) || name.length > maxPropertyName) fail(`"${name}" cannot be the name of a property`)
      structure.appendWords(FDT_PROP, value.length, names.offsetOf(name))
      structure.append(value)
      structure.align()
    }
    for (const child of node.children) appendNode(child, depth + 1)
    structure.appendWords(FDT_END_NODE)
  }

  function fail(reason: string): never {
    throw new FdtError(structureStart + structure.length, reason)
  }
}

/** A name has at least one character, and each of its characters is a single byte other than NUL. */
function isName(name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code === 0 || code > 0xff) return false
  }
  return name.length > 0
}
