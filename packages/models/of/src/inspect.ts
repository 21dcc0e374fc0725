// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  isFreed,
  OF_DETACHED,
  OF_DYNAMIC,
  OF_POPULATED,
  OF_POPULATED_BUS,
  objectId,
  readBytes,
  text,
  type MachineState,
} from '@pfo-workbench/kernel'
import { phandleCacheSlots } from './phandle.ts'
import { ofState } from './state.ts'
import { __of_find_all_nodes } from './walk.ts'

/** The current state of one node, allocated or not. */
export interface NodeSnapshot {
  /** Stable name of the object (`device_node#12`). */
  readonly object: string
  /** Path by the node's parent pointers, even if the node is not in the tree. */
  readonly path: string
  /** Number of older nodes with this path: 0 for the boot node, or for the first node if there was no boot node. */
  readonly generation: number
  /** `allocated`, `released` (the counter reached 0 at least once, the memory is still allocated) or `freed`. */
  readonly life: 'allocated' | 'released' | 'freed'
  readonly refcount: number
  readonly flags: readonly string[]
  readonly phandle: number
  /** The string that `name` points to; if it was freed, its last content. Null for NULL. */
  readonly name: string | null
  readonly parent: string | null
  readonly inTree: boolean
  /** Name of the node's directory in sysfs, or null. */
  readonly sysfs: string | null
  /**
   * Property names and values at the time of the access, not of the snapshot: most snapshots are never asked for them.
   * Without properties that have no name or no value.
   */
  readonly properties: Readonly<Record<string, Uint8Array>>
}

/** A snapshot of the OF core's state. Only the properties of the nodes are read later, on access. */
export interface OfSnapshot {
  readonly nodes: readonly NodeSnapshot[]
  readonly phandleCache: readonly { readonly slot: number; readonly node: string; readonly freed: boolean }[]
}

const flagNames: readonly (readonly [number, string])[] = [
  [OF_DYNAMIC, 'OF_DYNAMIC'],
  [OF_DETACHED, 'OF_DETACHED'],
  [OF_POPULATED, 'OF_POPULATED'],
  [OF_POPULATED_BUS, 'OF_POPULATED_BUS'],
]

/**
 * Takes a snapshot of every node ever created and of the phandle cache. If the allocator reused the memory of a node,
 * only the newest node in this memory appears. Leaves no trace on the machine.
 *
 * @param machine - any machine that booted the OF core
 */
export function inspectOf(machine: MachineState): OfSnapshot {
  return machine.inspect(() => {
    const linked = new Set<device_node>()
    let np = __of_find_all_nodes(null)
    while (np !== null && !linked.has(np)) {
      linked.add(np)
      np = __of_find_all_nodes(np)
    }
    const generations = new Map<string, number>()
    const released = releasedNodes(machine)
    const nodes = machine.heap
      .filter((object) => object instanceof device_node)
      .map((np) => {
        const path = pathOf(np)
        const generation = generations.get(path) ?? 0
        generations.set(path, generation + 1)
        return snapshotOf(machine, np, path, generation, linked.has(np), released)
      })
    const phandleCache = phandleCacheSlots().map(({ slot, node }) => ({
      slot,
      node: objectId(node),
      freed: isFreed(node),
    }))
    return { nodes, phandleCache }
  })
}

function releasedNodes(machine: MachineState): ReadonlySet<string> {
  const released = new Set<string>()
  for (const event of machine.events) if (event.type === 'ref.release') released.add(event.object)
  return released
}

function propertiesOf(np: device_node): Record<string, Uint8Array> {
  const properties: Record<string, Uint8Array> = {}
  for (let pp = np.properties; pp !== null; pp = pp.next) {
    if (pp.name !== null && pp.value !== null) properties[text(pp.name)] = readBytes(pp.value, pp.length)
  }
  return properties
}

function snapshotOf(
  machine: MachineState,
  np: device_node,
  path: string,
  generation: number,
  inTree: boolean,
  released: ReadonlySet<string>,
): NodeSnapshot {
  const freed = isFreed(np)
  const { sd } = np.kobj
  return {
    object: objectId(np),
    path,
    generation,
    life: freed ? 'freed' : released.has(objectId(np)) ? 'released' : 'allocated',
    refcount: np.kobj.kref.refcount.refs,
    flags: flagNames.filter(([bit]) => (np._flags >> bit) & 1).map(([, name]) => name),
    phandle: np.phandle,
    name: np.name === null ? null : text(np.name),
    parent: np.parent === null ? null : objectId(np.parent),
    inTree,
    sysfs: sd === null || sd.removed ? null : sd.name,
    get properties() {
      return machine.inspect(() => propertiesOf(np))
    },
  }
}

function pathOf(np: device_node): string {
  if (np === ofState().of_root) return '/'
  const components: string[] = []
  for (let node: device_node | null = np; node !== null && node !== ofState().of_root; node = node.parent) {
    components.unshift(node.full_name === null ? '' : text(node.full_name))
  }
  return `/${components.join('/')}`
}
