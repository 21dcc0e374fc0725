// SPDX-License-Identifier: GPL-2.0-only
import { toBytes } from '@pfo-workbench/kernel'

/** A property value: a string (terminated in the blob), cells, or raw bytes. */
export type Value = string | readonly number[] | Uint8Array

/** A node of a tree to be flattened. */
export interface TreeNode {
  readonly name: string
  readonly properties: readonly (readonly [string, Value])[]
  readonly children: readonly TreeNode[]
}

export function node(
  name: string,
  properties: Readonly<Record<string, Value>> = {},
  children: readonly TreeNode[] = [],
): TreeNode {
  return { name, properties: Object.entries(properties), children }
}

export function bytesOf(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value
  return typeof value === 'string' ? toBytes(value) : cells(value)
}

/** Big-endian 32-bit words. */
export function cells(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  values.forEach((value, index) => {
    view.setUint32(index * 4, value)
  })
  return bytes
}

const HEADER_SIZE = 40

/** Flattens a tree: header, structure block, strings block. */
export function flatten(root: TreeNode): Uint8Array {
  const strings: string[] = []
  const structure: number[] = []
  flattenNode(root, structure, strings)
  structure.push(...cells([9]))
  const block = toBytes(strings.map((name) => `${name}\0`).join(''), false)
  const off_strings = HEADER_SIZE + structure.length
  const total = off_strings + block.length
  const header = cells([
    0xd00dfeed,
    total,
    HEADER_SIZE,
    off_strings,
    0,
    17,
    16,
    0,
    block.length,
    structure.length,
  ])
  return Uint8Array.from([...header, ...structure, ...block])
}

function flattenNode(tree: TreeNode, structure: number[], strings: string[]): void {
  structure.push(...cells([1]), ...padded(toBytes(tree.name)), ...cells([4]))
  for (const [name, value] of tree.properties) {
    const bytes = bytesOf(value)
    structure.push(...cells([3, bytes.length, offsetOf(name, strings)]), ...padded(bytes))
  }
  for (const child of tree.children) flattenNode(child, structure, strings)
  structure.push(...cells([2]))
}

function offsetOf(name: string, strings: string[]): number {
  let offset = 0
  for (const known of strings) {
    if (known === name) return offset
    offset += known.length + 1
  }
  strings.push(name)
  return offset
}

function padded(bytes: Uint8Array): number[] {
  return [...bytes, ...new Uint8Array((4 - (bytes.length % 4)) % 4)]
}
