// SPDX-License-Identifier: GPL-2.0-only
import {
  device_node,
  type KernelEvent,
  type Machine,
  objectId,
  OF_DYNAMIC,
  text,
} from '@pfo-workbench/kernel'
import { __of_find_all_nodes } from '@pfo-workbench/of'
import { NODE_KINDS } from '../node-kinds.ts'

type Life = 'allocated' | 'released-not-freed' | 'freed' | 'freed-reused'

/** One node that the observer follows. */
export interface TrackedNode {
  /** As in the recordings: the kind, and how many of the kind were made before. */
  readonly id: string
  readonly np: device_node
  readonly origin: string
  /** Object name of its parent. */
  parent: string | null
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
  /** For a node whose memory has a new owner, that owner. */
  readonly #successors = new Map<string, string>()
  #root: string | null = null
  /** The handle of the root of the tree. */
  rootHandle = 0
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
    const births = machine.events
      .slice(this.#seen)
      .filter((event) => event.type === 'alloc' && event.struct === 'device_node')
    this.#seen = machine.events.length
    if (births.length === 0) return
    machine.inspect(() => {
      const root = __of_find_all_nodes(null)
      this.#root = root === null ? null : objectId(root)
      this.rootHandle = root?.phandle ?? 0
      const nodes = machine.heap.filter((object) => object instanceof device_node)
      for (const birth of births) {
        const np = nodes.find((node) => 'object' in birth && objectId(node) === birth.object)
        if (np !== undefined) this.#track(np, birth)
      }
    })
  }

  #track(np: device_node, birth: KernelEvent): void {
    const name = np.full_name === null ? null : text(np.full_name)
    const kind = NODE_KINDS.find((one) => one.name === name)?.kind
    if (kind === undefined) return
    const generation = this.#generations.get(kind) ?? 0
    this.#generations.set(kind, generation + 1)
    this.#byObject.set(objectId(np), {
      id: `${kind}#${generation}`,
      np,
      origin: originOf(birth, np),
      parent: np.parent === null ? null : objectId(np.parent),
      life: 'allocated',
      how: null,
    })
  }

  /**
   * A node begins to live. If its memory was another's, old pointers lead to the new node from now on.
   *
   * @returns whose memory it was
   */
  begin(object: string): TrackedNode | undefined {
    const node = this.#byObject.get(object)
    for (const [before, predecessor] of this.#byObject) {
      if (before === object) break
      if (predecessor.np !== node?.np || this.#successors.has(before)) continue
      this.#successors.set(before, object)
      predecessor.life = 'freed-reused'
      return predecessor
    }
    return undefined
  }

  /** The tracked node that has this object name, if it is one. */
  byObject(object: string | null): TrackedNode | undefined {
    return object === null ? undefined : this.#byObject.get(object)
  }

  /** The tracked node of that name of ours. */
  byId(id: string): TrackedNode | undefined {
    return this.all.find((node) => node.id === id)
  }

  /** The name of a node as it is now, with its life in brackets unless it is alive; while the machine is inspected. */
  describe(np: device_node | null): string {
    return this.describeObject(np === null ? null : objectId(np))
  }

  /**
   * The name of the node that lies where the object of that name lay when it was pointed to; `/` for the root, `other`
   * for nodes that are not followed.
   */
  describeObject(object: string | null): string {
    let current = object
    for (let next = current; next !== null; next = this.#successors.get(next) ?? null) current = next
    if (current === this.#root) return '/'
    const tracked = this.byObject(current)
    if (tracked === undefined) return 'other'
    return tracked.life === 'allocated' ? tracked.id : `${tracked.id}(${tracked.life})`
  }
}

function originOf(birth: KernelEvent, np: device_node): string {
  if (birth.step === 0) return np._flags & (1 << OF_DYNAMIC) ? 'boot-dynamic' : 'boot'
  const configured = birth.chain.some((frame) => frame.function === 'dlpar_configure_connector')
  return configured ? 'configure-connector' : 'of_attach_node'
}
