// SPDX-License-Identifier: GPL-2.0-only
import {
  type cstr,
  device_node,
  fromBytes,
  type Machine,
  objectId,
  OF_DETACHED,
  OF_DYNAMIC,
  text,
} from '@pfo-workbench/kernel'
import { __of_find_all_nodes, of_node_check_flag, phandleCacheSlots } from '@pfo-workbench/of'
import { type vio_dev, vioState, to_vio_dev } from '@pfo-workbench/vio'
import type { ReplayedState } from '../facts.ts'
import type { RecordedCacheSlot, RecordedNode, RecordedVioDevice } from '../recording.ts'
import { hexWord } from './trace.ts'
import type { TrackedNode, TrackedNodes } from './tracked-nodes.ts'

/** Looks at a machine as the recorded machine's observer does: takes no reference and no lock, leaves no trace. */
export class Observer {
  readonly #machine: Machine
  readonly #nodes: TrackedNodes
  /** Handles of the four kinds, and the slots of the phandle cache that they fall into. */
  readonly #slots: readonly { readonly handle: number; readonly slot: number }[]

  /** @param machine - just booted: its cache holds the boot nodes */
  constructor(machine: Machine, nodes: TrackedNodes) {
    this.#machine = machine
    this.#nodes = nodes
    this.#slots = machine.inspect(() =>
      nodes.all.map(({ np }) => ({
        handle: np.phandle,
        slot: phandleCacheSlots().find(({ node }) => node === np)?.slot ?? -1,
      })),
    )
  }

  /** The state as it is now. */
  look(): ReplayedState {
    return this.#machine.inspect(() => ({
      nodes: this.#lookAtNodes(),
      phandle_cache: this.#lookAtCache(),
      vio: this.#lookAtVio(),
    }))
  }

  /** How a finder's result stands: in the tree, or flagged detached, or both not. */
  standing(np: device_node): string {
    return this.#machine.inspect(() => {
      const words = []
      if (of_node_check_flag(np, OF_DETACHED)) words.push('detached')
      if (!liveTree().has(np)) words.push('not-in-tree')
      return words.length === 0 ? 'attached' : words.join(',')
    })
  }

  #lookAtNodes(): RecordedNode[] {
    const linked = liveTree()
    return this.#nodes.all.map((tracked) => {
      const { id, origin, life, how } = tracked
      return {
        id,
        origin,
        life,
        how,
        state: life.startsWith('freed') ? null : this.#stateOf(tracked, linked),
      }
    })
  }

  #stateOf({ np }: TrackedNode, linked: ReadonlySet<device_node>): RecordedNode['state'] {
    return {
      kref: np.kobj.kref.refcount.refs,
      flags: [
        ...(of_node_check_flag(np, OF_DYNAMIC) ? ['OF_DYNAMIC'] : []),
        ...(of_node_check_flag(np, OF_DETACHED) ? ['OF_DETACHED'] : []),
      ],
      phandle: hexWord(np.phandle),
      name: textOrNull(np.name),
      full_name: textOrNull(np.full_name),
      parent: this.#nodes.describe(np.parent),
      in_tree: linked.has(np),
      in_sysfs: np.kobj.state_in_sysfs,
      sysfs_name: printed(np.kobj.name),
    }
  }

  #lookAtCache(): RecordedCacheSlot[] {
    const filled = phandleCacheSlots()
    return this.#slots.map(({ handle, slot }) => {
      const entry = filled.find((one) => one.slot === slot)
      return {
        phandle: hexWord(handle),
        slot,
        entry: entry === undefined ? 'none' : this.#nodes.describe(entry.node),
      }
    })
  }

  #lookAtVio(): RecordedVioDevice[] {
    const { vio_bus_type, vio_bus_device } = vioState()
    return (vio_bus_type.p?.klist_devices ?? [])
      .map(to_vio_dev)
      .filter((viodev) => viodev !== vio_bus_device)
      .map((viodev) => this.#lookAtVioDevice(viodev))
  }

  #lookAtVioDevice({ dev, name, type }: vio_dev): RecordedVioDevice {
    const tracked = this.#nodes.byObject(dev.of_node === null ? null : objectId(dev.of_node))
    const isFreed = tracked?.life === 'freed'
    return {
      dev: textOrNull(dev.kobj.name),
      kref: dev.kobj.kref.refcount.refs - OBSERVERS_CORRECTION,
      of_node: this.#nodes.describe(dev.of_node),
      of_node_attached:
        dev.of_node === null || isFreed ? null : !of_node_check_flag(dev.of_node, OF_DETACHED),
      vio_name: borrowed(name),
      vio_type: borrowed(type),
      driver: dev.driver?.name ?? 'none',
    }
  }
}

/**
 * The observer walked the bus with `bus_for_each_dev()` and took one off each counter for the hold of the walk. The walk
 * of v4.18 holds the list's entry and not the device, so every recorded number is one too low: 2 stands for the
 * registration, the bus's list and the parent's list of children.
 */
const OBSERVERS_CORRECTION = 1

function liveTree(): ReadonlySet<device_node> {
  const linked = new Set<device_node>()
  for (let np = __of_find_all_nodes(null); np !== null; np = __of_find_all_nodes(np)) linked.add(np)
  return linked
}

function textOrNull(p: cstr | null): string {
  return p === null ? '(null)' : text(p)
}

/** What `%s` prints, also out of freed memory. */
function printed(p: cstr | null): string {
  return p === null ? '(null)' : (fromBytes(p.memory.bytes.subarray(p.offset)).split('\0')[0] ?? '')
}

/** What a pointer into a node's property leads to; the observer does not read memory that was given back. */
function borrowed(p: cstr | null): string {
  if (p?.memory.slab?.freed === true) return '<in freed memory>'
  return textOrNull(p)
}
