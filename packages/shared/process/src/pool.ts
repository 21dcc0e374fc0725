// SPDX-License-Identifier: GPL-2.0-only

/** Runs at most `width` pieces of work at the same time. The others wait in order of arrival. */
export class Pool {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(width: number) {
    this.#free = width
  }

  /**
   * Runs a piece of work when its turn comes.
   *
   * @throws what the work throws, or the signal's reason if the signal is aborted before the work starts
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
