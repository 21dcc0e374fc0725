// SPDX-License-Identifier: GPL-2.0-only
import { NODE_KINDS } from '../node-kinds.ts'
import type { NodeBirth, RecordedKernel } from './recorded-kernel.ts'

type Life = 'allocated' | 'released-not-freed' | 'freed' | 'freed-reused'

/** One node that the observer follows. */
export interface TrackedNode {
  /** As in the recordings: the kind, and how many of the kind were made before. */
  readonly id: string
  readonly object: string
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
  readonly #kernel: RecordedKernel
  readonly #byObject = new Map<string, TrackedNode>()
  readonly #generations = new Map<string, number>()
  /** For a node whose memory has a new owner, that owner. */
  readonly #successors = new Map<string, string>()
  #root: string | null = null
  /** The handle of the root of the tree. */
  rootHandle = 0
  #seen = 0

  constructor(kernel: RecordedKernel) {
    this.#kernel = kernel
  }

  /** All of them, in the order in which they were made. */
  get all(): readonly TrackedNode[] {
    return [...this.#byObject.values()]
  }

  /** Finds what was allocated since the last time. Nodes get their names a little after their memory. */
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
    const kind = NODE_KINDS.find((one) => one.name === fullName)?.kind
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
   * A node begins to live. If its memory was another's, old pointers lead to the new node from now on.
   *
   * @returns whose memory it was
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

  /** The tracked node that has this object name, if it is one. */
  byObject(object: string | null): TrackedNode | undefined {
    return object === null ? undefined : this.#byObject.get(object)
  }

  /** The tracked node of that name of ours. */
  byId(id: string): TrackedNode | undefined {
    return this.all.find((node) => node.id === id)
  }

  /**
   * The name of the node that lies where the object of that name lay when it was pointed to, with its life in brackets unless it
   * is alive; `/` for the root, `other` for nodes that are not followed.
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
