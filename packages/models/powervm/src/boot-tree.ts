// SPDX-License-Identifier: GPL-2.0-only
import { cells, firstCell } from './bytes.ts'
import {
  cloneNode,
  type FirmwareNode,
  HANDLE_PROPERTIES,
  handleOf,
  nodeAt,
  placedNodes,
  propertyOf,
  setProperty,
} from './firmware-node.ts'
import { PartitionError } from './partition-error.ts'
import { RTAS_SERVICES, type RtasServiceName } from './rtas/names.ts'

/** First candidate for a missing token; QEMU's tokens start here too. */
const FIRST_TOKEN = 0x2000

/**
 * Merges a described node and its subtree into a tree, below `parent`. An existing node keeps its properties and gets
 * the described phandle; a missing node is appended as described.
 */
export function completeNode(parent: FirmwareNode, described: FirmwareNode): void {
  const existing = parent.children.find((child) => child.name === described.name)
  const node = existing ?? cloneNode(described, [])
  if (existing === undefined) parent.children.push(node)
  else takeHandle(existing, handleOf(described))
  if (described.drcIndex !== undefined) node.drcIndex = described.drcIndex
  for (const child of described.children) completeNode(node, child)
}

/**
 * Gives the node the described phandle: replaces it in all properties that hold the node's phandle, and adds
 * "ibm,phandle" if it is missing. 0 changes nothing.
 */
function takeHandle(node: FirmwareNode, handle: number): void {
  if (handle === 0) return
  for (const name of HANDLE_PROPERTIES) {
    if (name === 'ibm,phandle' || propertyOf(node, name) !== undefined)
      setProperty(node, name, cells([handle]))
  }
}

/**
 * Gives every node without a phandle the property "phandle": 1, 2, 3… depth-first. Skips phandles in use. Also skips
 * phandles that share a slot of the kernel's phandle cache with a described node, so that described nodes are never
 * evicted. The cache has as many slots as there are phandles, rounded up to a power of two.
 *
 * @param phandles - `colliding`: for each described node, one of the first nodes without a phandle gets a phandle that
 * shares the slot of the described node
 * @throws PartitionError if two nodes have the same described phandle
 */
export function giveHandles(
  root: FirmwareNode,
  described: FirmwareNode,
  phandles: 'separate' | 'colliding' = 'separate',
): void {
  const placed = placedNodes(root)
  const owners = new Map<number, string>()
  const guarded = placedNodes(described).map(({ node }) => handleOf(node))
  for (const { path, node } of placed) {
    const handle = handleOf(node)
    const owner = owners.get(handle)
    if (owner !== undefined && guarded.includes(handle)) {
      const what = `Phandle 0x${handle.toString(16)} belongs to ${owner} and to ${path}`
      throw new PartitionError(`${what}: the device tree and the description must agree on it`)
    }
    if (handle !== 0) owners.set(handle, path)
  }
  const slots = 2 ** Math.ceil(Math.log2(placed.length))
  const taken = new Set(guarded.map((handle) => handle % slots))
  const colliding = phandles === 'colliding' ? guarded.map((handle) => slots + (handle % slots)) : []
  let next = 1
  for (const { path, node } of placed) {
    if (handleOf(node) !== 0) continue
    let shared = colliding.shift()
    if (shared !== undefined) {
      while (owners.has(shared)) shared += slots
      setProperty(node, 'phandle', cells([shared]))
      owners.set(shared, path)
      continue
    }
    while (owners.has(next) || taken.has(next % slots)) next++
    setProperty(node, 'phandle', cells([next]))
    owners.set(next, path)
  }
}

/** Sets the connector of each node with "ibm,my-drc-index", so that the kernel can configure and sense it. */
export function adoptConnectors(root: FirmwareNode): void {
  for (const { node } of placedNodes(root)) {
    const index = firstCell(propertyOf(node, 'ibm,my-drc-index'))
    if (index !== undefined) node.drcIndex ??= index
  }
}

/**
 * The token of each service: from `/rtas`, or a new one that is added there.
 *
 * @returns the services by token
 * @throws PartitionError if two services have the same token
 */
export function giveTokens(root: FirmwareNode): Map<number, RtasServiceName> {
  let rtas = nodeAt(root, '/rtas')
  if (rtas === undefined) {
    rtas = { name: 'rtas', properties: [], children: [] }
    root.children.push(rtas)
  }
  const used = new Set(rtas.properties.map((property) => firstCell(property.value)))
  const byToken = new Map<number, RtasServiceName>()
  let next = FIRST_TOKEN
  for (const service of RTAS_SERVICES) {
    let token = firstCell(propertyOf(rtas, service))
    if (token === undefined) {
      while (used.has(next)) next++
      token = next
      used.add(token)
      setProperty(rtas, service, cells([token]))
    }
    const other = byToken.get(token)
    if (other !== undefined) {
      throw new PartitionError(`/rtas: ${other} and ${service} have the same token, 0x${token.toString(16)}`)
    }
    byToken.set(token, service)
  }
  return byToken
}
