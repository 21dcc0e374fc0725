// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  type KernelEvent,
  type Machine,
  objectId,
  OF_DYNAMIC,
  text,
} from '@pfo-workbench/kernel'

/** The kinds of nodes that the observer follows, by the names of their nodes. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['ibm,platform-facilities', 'facilities'],
  ['ibm,random-v1', 'random'],
  ['ibm,compression-v1', 'compression'],
  ['ibm,sym-encryption-v1', 'sym-encryption'],
])

export type Life = 'allocated' | 'released-not-freed' | 'freed'

/** One node that the observer follows. */
export interface TrackedNode {
  /** As in the recordings: the kind, and how many of the kind were made before. */
  readonly id: string
  readonly np: device_node
  readonly origin: string
  life: Life
  /** Which function gave its memory back. */
  how: string | null
}

/**
 * The nodes that the observer follows, under the names of the recordings: `random#1` is the second node of that name that
 * was ever allocated.
 */
export class TrackedNodes {
  readonly #machine: Machine
  readonly #byObject = new Map<string, TrackedNode>()
  readonly #generations = new Map<string, number>()
  #seen = 0

  constructor(machine: Machine) {
    this.#machine = machine
  }

  /** All of them, in the order in which they were made. */
  get all(): readonly TrackedNode[] {
    return [...this.#byObject.values()]
  }

  /** Finds what was allocated since the last time. Nodes get their names a little after their memory. */
  refresh(): void {
    const machine = this.#machine
    machine.inspect(() => {
      for (const object of machine.heap.slice(this.#seen))
        if (object instanceof device_node) this.#track(object)
    })
    this.#seen = machine.heap.length
  }

  #track(np: device_node): void {
    const kind = np.full_name === null ? undefined : KINDS.get(text(np.full_name))
    if (kind === undefined) return
    const generation = this.#generations.get(kind) ?? 0
    this.#generations.set(kind, generation + 1)
    const birth = this.#machine.events.find(
      (event) => event.type === 'alloc' && event.object === objectId(np),
    )
    this.#byObject.set(objectId(np), {
      id: `${kind}#${generation}`,
      np,
      origin: originOf(birth, np),
      life: 'allocated',
      how: null,
    })
  }

  /** The tracked node that has this object name, if it is one. */
  byObject(object: string | null): TrackedNode | undefined {
    return object === null ? undefined : this.#byObject.get(object)
  }

  /**
   * The name of a node, with its life in brackets unless it is alive; `/` for the root, `other` for nodes that are not
   * followed. To be called while the machine is inspected.
   */
  describe(np: device_node | null): string {
    const tracked = this.byObject(np === null ? null : objectId(np))
    if (tracked === undefined) return np?.parent === null ? '/' : 'other'
    return tracked.life === 'allocated' ? tracked.id : `${tracked.id}(${tracked.life})`
  }
}

function originOf(birth: KernelEvent | undefined, np: device_node): string {
  if (birth === undefined || birth.step === 0) return np._flags & (1 << OF_DYNAMIC) ? 'boot-dynamic' : 'boot'
  const configured = birth.chain.some((frame) => frame.function === 'dlpar_configure_connector')
  return configured ? 'configure-connector' : 'of_attach_node'
}
