// SPDX-License-Identifier: GPL-2.0-only

/** Something that the kernel put off: a piece of work, an RCU callback, a timer. */
export interface Deferred {
  readonly kind: 'work' | 'rcu' | 'timer'
  /** The `work_struct`, `rcu_head` or `timer_list`. */
  readonly object: bigint
  /** Of an RCU callback: what is called, or the offset of the head in what is freed. */
  readonly callback: bigint
  /** The queue that work is on; pieces of one queue start in their order. */
  readonly queue: bigint
  /** Jiffies to wait. */
  readonly delay: bigint
}

/** A piece of work that runs, or whose worker was killed by it or waits for ever. */
export interface Running {
  readonly object: bigint
  readonly queue: bigint
  readonly pid: number
}

/** What is put off, as it was at some moment. */
export interface SavedDeferred {
  readonly waiting: readonly Deferred[]
  readonly running: readonly Running[]
}

/**
 * What was put off, and the one place that decides what of it runs next: in the order in which it was put off, and what
 * waits for time after all that does not. A queue that runs one piece at a time waits for a piece that does not end.
 */
export class DeferredQueue {
  #waiting: Deferred[] = []
  #running: Running[] = []

  get waiting(): readonly Deferred[] {
    return this.#waiting
  }

  get running(): readonly Running[] {
    return this.#running
  }

  add(deferred: Deferred): void {
    this.#waiting.push(deferred)
  }

  /** Whether something is put off. */
  has(kind: Deferred['kind'], object: bigint): boolean {
    return this.#waiting.some((one) => one.kind === kind && one.object === object)
  }

  /** Takes something back. @returns whether it was put off */
  cancel(kind: Deferred['kind'], object: bigint): boolean {
    const index = this.#waiting.findIndex((one) => one.kind === kind && one.object === object)
    if (index >= 0) this.#waiting.splice(index, 1)
    return index >= 0
  }

  /**
   * Takes what runs next off the list.
   *
   * @param mayStart - whether its queue may start another piece
   * @param wanted - only what fulfils this is considered
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

  /** Notes that a piece of work runs. */
  begin(running: Running): void {
    this.#running.push(running)
  }

  /** Notes that a piece of work came to its end. */
  end(running: Running): void {
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
