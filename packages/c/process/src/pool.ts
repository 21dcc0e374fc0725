// SPDX-License-Identifier: GPL-2.0-only

/** Lets at most `width` pieces of work run at the same time; the others wait in the order in which they came. */
export class Pool {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#free = width
  }

  /**
   * Does a piece of work when its turn comes.
   *
   * @throws what the work throws, or the reason of the signal if that is raised before the work begins
   */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#free > 0) this.#free--
    else
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    try {
      signal?.throwIfAborted()
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
