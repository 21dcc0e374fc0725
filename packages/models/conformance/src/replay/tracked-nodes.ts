// SPDX-License-Identifier: GPL-2.0-only
import { nodeKinds } from '../node-kinds.ts'
import type { NodeBirth, RecordedKernel } from './recorded-kernel.ts'

type Life = 'allocated' | 'released-not-freed' | 'freed' | 'freed-reused'

/** A node that the observer tracks. */
export interface TrackedNode {
  /** Name in the recordings: the kind, and the number of older nodes of that kind. */
  readonly id: string
  readonly object: string
  readonly origin: string
  /** Object name of its parent. */
  parent: string | null
  life: Life
  /** The function that freed it. */
  how: string | null
}

/**
 * The nodes that the observer tracks, by their names in the recordings: `random#1` is the second node of that kind ever
 * allocated.
 */
export class TrackedNodes {
  readonly #kernel: RecordedKernel
  readonly #byObject = new Map<string, TrackedNode>()
  readonly #generations = new Map<string, number>()
  /** For a node whose memory was reused, the new owner. */
  readonly #successors = new Map<string, string>()
  #root: string | null = null
  /** The phandle of the root. */
  rootHandle = 0
  #seen = 0

  constructor(kernel: RecordedKernel) {
    this.#kernel = kernel
  }

  /** All tracked nodes in order of allocation. */
  get all(): readonly TrackedNode[] {
    return [...this.#byObject.values()]
  }

  /**
   * Finds new allocations since the last call. A node gets its name slightly after its memory. A call between the two
   * would miss the node, because nodes without a name are not tracked.
   */
  refresh(): void {
    const births = this.#kernel.births().slice(this.#seen)
    if (births.length === 0) return
    this.#seen += births.length
    const [root = null] = this.#kernel.liveNodes()
    this.#root = root
    this.rootHandle = root === null ? 0 : (this.#kernel.node(root)?.phandle ?? 0)
    for (const birth of births) this.#track(birth)
  }

  #track(birth: NodeBirth): void {
    const { object, fullName, parent } = birth
    const kind = nodeKinds.find((one) => one.name === fullName)?.kind
    if (kind === undefined) return
    const generation = this.#generations.get(kind) ?? 0
    this.#generations.set(kind, generation + 1)
    this.#byObject.set(object, {
      id: `${kind}#${generation}`,
      object,
      origin: originOf(birth),
      parent,
      life: 'allocated',
      how: null,
    })
  }

  /**
   * Records that a node was allocated. If its memory belonged to an older tracked node, marks the older node as
   * `freed-reused`; from now on, `describe` gives the new node for pointers to the older one.
   *
   * @returns the older node; undefined if the memory had no tracked owner
   */
  begin(object: string): TrackedNode | undefined {
    if (!this.#byObject.has(object)) return undefined
    const occupant = this.#kernel.node(object)?.object
    for (const [before, predecessor] of this.#byObject) {
      if (before === object) break
      if (this.#successors.has(before) || this.#kernel.node(before)?.object !== occupant) continue
      this.#successors.set(before, object)
      predecessor.life = 'freed-reused'
      return predecessor
    }
    return undefined
  }

  /** The tracked node of an object; undefined if it is not tracked. */
  byObject(object: string | null): TrackedNode | undefined {
    return object === null ? undefined : this.#byObject.get(object)
  }

  /** The tracked node with that name in the recordings. */
  byId(id: string): TrackedNode | undefined {
    return this.all.find((node) => node.id === id)
  }

  /**
   * The name of the node that now occupies the memory of an object, such as `random#1`. If the node is not allocated,
   * its state follows in brackets: `random#1(freed)`. `/` for the root, `other` for untracked nodes and for null.
   */
  describe(object: string | null): string {
    let current = object
    for (let next = current; next !== null; next = this.#successors.get(next) ?? null) current = next
    if (current === this.#root) return '/'
    const tracked = this.byObject(current)
    if (tracked === undefined) return 'other'
    return tracked.life === 'allocated' ? tracked.id : `${tracked.id}(${tracked.life})`
  }
}

function originOf({ step, chain, isDynamic }: NodeBirth): string {
  if (step === 0) return isDynamic ? 'boot-dynamic' : 'boot'
  return chain.includes('dlpar_configure_connector') ? 'configure-connector' : 'of_attach_node'
}
