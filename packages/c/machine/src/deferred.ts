// SPDX-License-Identifier: GPL-2.0-only

/** A deferred item: work, an RCU callback or a timer. */
export interface Deferred {
  readonly kind: 'work' | 'rcu' | 'timer'
  /** The `work_struct`, `rcu_head` or `timer_list`. */
  readonly object: bigint
  /** For an RCU callback: the function to call, or the offset of the head in the memory to free. */
  readonly callback: bigint
  /** The queue of the work. Work items of one queue start in order. */
  readonly queue: bigint
  /** Delay in jiffies. */
  readonly delay: bigint
}

/** A work item that is running, or that killed its worker, or whose worker waits forever. */
export interface RunningWork {
  readonly object: bigint
  readonly queue: bigint
  readonly pid: number
}

/** A saved state of the queue. */
export interface SavedDeferred {
  readonly waiting: readonly Deferred[]
  readonly running: readonly RunningWork[]
}

/**
 * The deferred items. Only this class chooses the next item. Items run in the order of their queuing, but delayed items
 * run after all others. A queue that runs one item at a time is blocked by an item that never ends.
 */
export class DeferredQueue {
  #waiting: Deferred[] = []
  #running: RunningWork[] = []

  get waiting(): readonly Deferred[] {
    return this.#waiting
  }

  get running(): readonly RunningWork[] {
    return this.#running
  }

  add(deferred: Deferred): void {
    this.#waiting.push(deferred)
  }

  /** True if an item is queued. */
  has(kind: Deferred['kind'], object: bigint): boolean {
    return this.#waiting.some((one) => one.kind === kind && one.object === object)
  }

  /** Removes an item. @returns true if it was queued */
  cancel(kind: Deferred['kind'], object: bigint): boolean {
    const index = this.#waiting.findIndex((one) => one.kind === kind && one.object === object)
    if (index >= 0) this.#waiting.splice(index, 1)
    return index >= 0
  }

  /**
   * Removes the item that runs next from the list.
   *
   * @param mayStart - returns true if the queue of the item may start another item
   * @param wanted - considers only items for which this returns true
   * @returns null if no item can run
   */
  take(
    mayStart: (one: Deferred) => boolean,
    wanted: (one: Deferred) => boolean = () => true,
  ): Deferred | null {
    const ready = this.#waiting.filter((one) => mayStart(one) && wanted(one))
    const [first] = ready.toSorted((a, b) => Number(a.delay - b.delay))
    if (first === undefined) return null
    this.#waiting.splice(this.#waiting.indexOf(first), 1)
    return first
  }

  /** Records that a work item started. */
  begin(running: RunningWork): void {
    this.#running.push(running)
  }

  /** Records that a work item ended. */
  end(running: RunningWork): void {
    this.#running = this.#running.filter((one) => one !== running)
  }

  save(): SavedDeferred {
    return { waiting: this.#waiting.slice(), running: this.#running.slice() }
  }

  restore({ waiting, running }: SavedDeferred): void {
    this.#waiting = waiting.slice()
    this.#running = running.slice()
  }
}
