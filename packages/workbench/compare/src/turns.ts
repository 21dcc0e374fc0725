// SPDX-License-Identifier: GPL-2.0-only

/** Lets so many work at the same time. The others wait, and get their turns in the order in which they came. */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  /** @param count - how many */
  constructor(count: number) {
    this.#free = count
  }

  /** Waits for a turn, and has it until the work is done or has failed. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
