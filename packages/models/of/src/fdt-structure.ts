// SPDX-License-Identifier: GPL-2.0-only
import { be32_to_cpup, cstr, text, type Memory } from '@pfo-workbench/kernel'

const FDT_BEGIN_NODE = 1
const FDT_END_NODE = 2
const FDT_PROP = 3
const FDT_NOP = 4

/** Header words with the offsets of the structure and strings blocks (scripts/dtc/libfdt/fdt.h). */
const OFF_DT_STRUCT = 2
const OFF_DT_STRINGS = 3

/** A property in the blob. */
export interface BlobProperty {
  readonly name: cstr
  readonly value: cstr
  /** Length of the value in bytes. */
  readonly length: number
}

/** A node in the blob. */
export interface BlobNode {
  /** Name with unit address; empty for the root. */
  readonly name: string
  readonly properties: BlobProperty[]
  readonly children: BlobNode[]
}

/**
 * Reads the structure block of a flattened tree.
 *
 * @param memory - the blob, starting with its header
 * @returns the root, or null if the block is malformed or truncated
 */
export function readStructure(memory: Memory): BlobNode | null {
  const header = new cstr(memory, 0)
  const strings = be32_to_cpup(header, OFF_DT_STRINGS)
  const end = memory.bytes.length
  const open: BlobNode[] = []
  for (let at = be32_to_cpup(header, OFF_DT_STRUCT); at + 4 <= end;) {
    const tag = wordAt(memory, at)
    at += 4
    const np = open.at(-1)
    if (tag === FDT_BEGIN_NODE) {
      const node: BlobNode = { name: text(new cstr(memory, at)), properties: [], children: [] }
      np?.children.push(node)
      open.push(node)
      at = alignUp(at + node.name.length + 1)
    } else if (tag === FDT_PROP) {
      const length = wordAt(memory, at)
      const value = at + 8
      if (np === undefined || value + length > end) return null
      const name = new cstr(memory, strings + wordAt(memory, at + 4))
      np.properties.push({ name, value: new cstr(memory, value), length })
      at = alignUp(value + length)
    } else if (tag === FDT_END_NODE) {
      if (np === undefined) return null
      open.pop()
      if (open.length === 0) return np
    } else if (tag !== FDT_NOP) {
      return null
    }
  }
  return null
}

function wordAt(memory: Memory, offset: number): number {
  return be32_to_cpup(new cstr(memory, offset))
}

function alignUp(offset: number): number {
  return (offset + 3) & ~3
}
