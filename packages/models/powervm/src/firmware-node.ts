// SPDX-License-Identifier: GPL-2.0-only
import { firstCell, stringValue } from './bytes.ts'

/** A property of a node of the firmware's tree. Values are replaced, never written into. */
export interface FirmwareProperty {
  readonly name: string
  readonly value: Uint8Array
}

/** A node of the firmware's tree. Properties and children are in firmware's order, which the kernel keeps. */
export interface FirmwareNode {
  /** With unit address; the root's is empty. */
  readonly name: string
  properties: FirmwareProperty[]
  children: FirmwareNode[]
  /** Of the connector that the node hangs on, for the nodes that can come and go alone. */
  drcIndex?: number
}

/** A node and where it is. */
export interface PlacedNode {
  readonly path: string
  readonly node: FirmwareNode
}

/** The value of the first property of that name. */
export function propertyOf(node: FirmwareNode, name: string): Uint8Array | undefined {
  return node.properties.find((property) => property.name === name)?.value
}

/** Replaces the value of a property where it stands, or appends it. */
export function setProperty(node: FirmwareNode, name: string, value: Uint8Array): void {
  const at = node.properties.findIndex((property) => property.name === name)
  if (at < 0) node.properties.push({ name, value })
  else node.properties[at] = { name, value }
}

/** Takes every property of that name away. */
export function removeProperty(node: FirmwareNode, name: string): void {
  node.properties = node.properties.filter((property) => property.name !== name)
}

/**
 * The properties with an explicit "name" in front, which is the node's name without its unit address.
 * One that the node already has moves there.
 */
export function namedProperties(node: FirmwareNode): FirmwareProperty[] {
  const value = propertyOf(node, 'name') ?? stringValue(node.name.split('@', 1)[0] ?? '')
  return [{ name: 'name', value }, ...node.properties.filter((property) => property.name !== 'name')]
}

/** Names of the properties that hold a node's handle, the one that decides first. */
export const HANDLE_PROPERTIES = ['ibm,phandle', 'phandle', 'linux,phandle'] as const

/** The handle by which kernel and firmware name the node to each other; 0 if it has none. */
export function handleOf(node: FirmwareNode): number {
  for (const name of HANDLE_PROPERTIES) {
    const handle = firstCell(propertyOf(node, name))
    if (handle !== undefined) return handle
  }
  return 0
}

/** A node of its own with the same content; the children too, unless others are given. */
export function cloneNode(node: FirmwareNode, children?: FirmwareNode[]): FirmwareNode {
  return {
    ...node,
    properties: [...node.properties],
    children: children ?? node.children.map((child) => cloneNode(child)),
  }
}

/** Path of a child of the node at `parent`. */
export function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}

/** Path of the parent; the root is its own. */
export function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/** Whether `path` is `top`, which is not the root, or lies below it. */
export function isWithin(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`)
}

/** The node and all below it, depth-first, each before its children. */
export function placedNodes(node: FirmwareNode, path = '/'): PlacedNode[] {
  const placed: PlacedNode[] = []
  place(node, path, placed)
  return placed
}

function place(node: FirmwareNode, path: string, placed: PlacedNode[]): void {
  placed.push({ path, node })
  for (const child of node.children) place(child, childPath(path, child.name), placed)
}

/** The (first) node at a path below `root`. */
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
