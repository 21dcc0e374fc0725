// SPDX-License-Identifier: GPL-2.0-only
import type { ReplayedState } from '../facts.ts'
import type { RecordedCacheSlot, RecordedLookup, RecordedNode, RecordedVioDevice } from '../line-schema.ts'
import type { BorrowedText, ObservedDevice, RecordedKernel } from './recorded-kernel.ts'
import { hexWord } from './step-events.ts'
import type { TrackedNode, TrackedNodes } from './tracked-nodes.ts'

/** Inspects a kernel like the recorded kernel's observer: takes no reference and no lock, and leaves no trace. */
export class Observer {
  readonly #kernel: RecordedKernel
  readonly #nodes: TrackedNodes
  /** Phandles of the four kinds. */
  readonly #handles: readonly number[]

  /** @param kernel - just booted: the tracked nodes are the boot nodes */
  constructor(kernel: RecordedKernel, nodes: TrackedNodes) {
    this.#kernel = kernel
    this.#nodes = nodes
    this.#handles = nodes.all.map(({ object }) => kernel.node(object)?.phandle ?? 0)
  }

  /** Takes a snapshot of the current state. */
  look(): ReplayedState {
    return {
      nodes: this.#lookAtNodes(),
      phandle_cache: this.#lookAtCache(),
      vio: this.#kernel.vioDevices().map((device) => this.#describeDevice(device)),
    }
  }

  /** State of a finder's result: in the tree or not, flagged detached or not, and its counter. */
  found(object: string): Pick<RecordedLookup, 'result' | 'state' | 'kref_with_ours'> {
    const node = this.#kernel.node(object)
    const words = [
      ...(node?.isDetached === true ? ['detached'] : []),
      ...(this.#kernel.liveNodes().includes(object) ? [] : ['not-in-tree']),
    ]
    return {
      result: this.#nodes.describe(object),
      state: words.length === 0 ? 'attached' : words.join(','),
      kref_with_ours: node?.refcount ?? -1,
    }
  }

  #lookAtNodes(): RecordedNode[] {
    const linked = new Set(this.#kernel.liveNodes())
    return this.#nodes.all.map((tracked) => {
      const { id, origin, life, how } = tracked
      const state = life.startsWith('freed') ? null : this.#stateOf(tracked, linked)
      return { id, origin, life, how, state }
    })
  }

  #stateOf({ object }: TrackedNode, linked: ReadonlySet<string>): RecordedNode['state'] {
    const node = this.#kernel.node(object)
    if (node === null) return null
    return {
      kref: node.refcount,
      flags: [...(node.isDynamic ? ['OF_DYNAMIC'] : []), ...(node.isDetached ? ['OF_DETACHED'] : [])],
      phandle: hexWord(node.phandle),
      name: node.name ?? nullText,
      full_name: node.fullName ?? nullText,
      parent: this.#nodes.describe(node.parent),
      in_tree: linked.has(object),
      in_sysfs: node.inSysfs,
      sysfs_name: node.sysfsName ?? nullText,
    }
  }

  #lookAtCache(): RecordedCacheSlot[] {
    return this.#handles.map((handle) => {
      const { slot, object } = this.#kernel.cacheSlot(handle)
      return {
        phandle: hexWord(handle),
        slot,
        entry: object === null ? 'none' : this.#nodes.describe(object),
      }
    })
  }

  #describeDevice(device: ObservedDevice): RecordedVioDevice {
    const isFreed = this.#nodes.byObject(device.node)?.life === 'freed'
    return {
      dev: device.name ?? nullText,
      kref: device.refcount - observersCorrection,
      of_node: this.#nodes.describe(device.node),
      of_node_attached: isFreed || device.isNodeDetached === null ? null : !device.isNodeDetached,
      vio_name: borrowed(device.vioName),
      vio_type: borrowed(device.vioType),
      driver: device.driver ?? 'none',
    }
  }
}

/** The text that `%s` prints for NULL. */
const nullText = '(null)'

/**
 * The observer walked the bus with `bus_for_each_dev()` and subtracted one from each counter for the reference of the
 * walk. In v4.18 the walk holds the list entry, not the device, so every recorded number is one too low. A recorded 2
 * means three references: of the registration, of the bus's list, and of the parent's list of children.
 */
const observersCorrection = 1

/** The target of a pointer into a node's property. The observer does not read freed memory. */
function borrowed(text: BorrowedText): string {
  if (text === null) return nullText
  return typeof text === 'string' ? text : '<in freed memory>'
}
