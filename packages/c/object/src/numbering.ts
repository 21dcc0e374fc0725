// SPDX-License-Identifier: GPL-2.0-only

/** Assigns numbers to values. Values with the same key get the same number. */
export class Numbering<T> {
  /** Values by number. */
  readonly values: T[] = []
  private readonly numbers = new Map<unknown, number>()
  private readonly key: (value: T) => unknown

  constructor(key: (value: T) => unknown = (value) => value) {
    this.key = key
  }

  number(value: T): number {
    const key = this.key(value)
    let number = this.numbers.get(key)
    if (number === undefined) {
      number = this.values.push(value) - 1
      this.numbers.set(key, number)
    }
    return number
  }
}
