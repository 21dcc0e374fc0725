// SPDX-License-Identifier: GPL-2.0-only
import { firstCell, stringValue } from './bytes.ts'

/** A property in the firmware's tree. Values are replaced, never modified in place. */
export interface FirmwareProperty {
  readonly name: string
  readonly value: Uint8Array
}

/** A node of the firmware's tree. Properties and children are in firmware's order, which the kernel preserves. */
export interface FirmwareNode {
  /** Name with unit address; empty for the root. */
  readonly name: string
  /** The list is replaced, never modified in place, so copies of a node share it. */
  properties: readonly FirmwareProperty[]
  children: FirmwareNode[]
  /** DRC index of the node's connector, if the node can be added and removed on its own. */
  drcIndex?: number
}

/** A node and its path. */
export interface PlacedNode {
  readonly path: string
  readonly node: FirmwareNode
}

/** The value of the first property with that name. */
export function propertyOf(node: FirmwareNode, name: string): Uint8Array | undefined {
  return node.properties.find((property) => property.name === name)?.value
}

/** Replaces the value of a property at its position, or appends the property. */
export function setProperty(node: FirmwareNode, name: string, value: Uint8Array): void {
  const at = node.properties.findIndex((property) => property.name === name)
  const properties = [...node.properties]
  properties[at < 0 ? properties.length : at] = { name, value }
  node.properties = properties
}

/** Removes all properties with that name. */
export function removeProperty(node: FirmwareNode, name: string): void {
  node.properties = node.properties.filter((property) => property.name !== name)
}

/** The properties with an explicit "name" in front: the existing one, or the node's name without its unit address. */
export function propertiesWithName(node: FirmwareNode): FirmwareProperty[] {
  const value = propertyOf(node, 'name') ?? stringValue(node.name.split('@', 1)[0] ?? '')
  return [{ name: 'name', value }, ...propertiesWithoutName(node)]
}

/** The properties without a "name". */
export function propertiesWithoutName({ properties }: FirmwareNode): readonly FirmwareProperty[] {
  return properties.some(({ name }) => name === 'name')
    ? properties.filter(({ name }) => name !== 'name')
    : properties
}

/** Names of the properties that hold a node's phandle, highest priority first. */
export const HANDLE_PROPERTIES = ['ibm,phandle', 'phandle', 'linux,phandle'] as const

/** The phandle by which kernel and firmware refer to the node; 0 if it has none. */
export function handleOf(node: FirmwareNode): number {
  for (const name of HANDLE_PROPERTIES) {
    const handle = firstCell(propertyOf(node, name))
    if (handle !== undefined) return handle
  }
  return 0
}

/** A copy of a node, with copies of its children unless others are given. */
export function cloneNode(node: FirmwareNode, children?: FirmwareNode[]): FirmwareNode {
  return { ...node, children: children ?? node.children.map((child) => cloneNode(child)) }
}

/** Path of a child of the node at `parent`. */
export function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}

/** Path of the parent; the root is its own parent. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** True if `path` is `top` or below it. `top` must not be the root. */
export function isWithin(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`)
}

/** The node and its subtree, depth-first, parents first. */
export function placedNodes(node: FirmwareNode, path = '/'): PlacedNode[] {
  const placed: PlacedNode[] = []
  place(node, path, placed)
  return placed
}

function place(node: FirmwareNode, path: string, placed: PlacedNode[]): void {
  placed.push({ path, node })
  for (const child of node.children) place(child, childPath(path, child.name), placed)
}

/** The first node of a subtree that a test accepts, depth-first, parents first. */
export function findNode(
  node: FirmwareNode,
  isWanted: (one: FirmwareNode) => boolean,
): FirmwareNode | undefined {
  if (isWanted(node)) return node
  for (const child of node.children) {
    const found = findNode(child, isWanted)
    if (found !== undefined) return found
  }
  return undefined
}

/** The first node at a path below `root`. */
export function nodeAt(root: FirmwareNode, path: string): FirmwareNode | undefined {
  return path === '/' ? root : below(root, '/', path)
}

function below(parent: FirmwareNode, at: string, path: string): FirmwareNode | undefined {
  for (const child of parent.children) {
    const own = childPath(at, child.name)
    const found = path === own ? child : path.startsWith(`${own}/`) ? below(child, own, path) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
