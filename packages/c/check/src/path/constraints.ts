// SPDX-License-Identifier: GPL-2.0-only
import { fullSet, intersection, single, type IntervalSet } from '../value/intervals.ts'
import { keyOf, symbolsOf, type Value } from '../value/value.ts'

/**
 * What a path has learnt about unknown values: for each symbol, and each expression that cannot be taken apart, the
 * numbers that it may be. There is no solver: relations between two unknowns are kept as expressions of one bit.
 */
export class Constraints {
  private readonly domains = new Map<string, IntervalSet>()
  private readonly keysOfSymbol = new Map<string, Set<string>>()

  /** The numbers that a value may be. */
  domain(value: Value, bits: number): IntervalSet {
    return this.domains.get(keyOf(value)) ?? fullSet(bits)
  }

  /** Leaves only numbers of the set. */
  restrict(value: Value, bits: number, set: IntervalSet): void {
    const key = keyOf(value)
    this.domains.set(key, intersection(this.domain(value, bits), set))
    for (const symbol of symbolsOf(value)) {
      let keys = this.keysOfSymbol.get(symbol)
      if (keys === undefined) this.keysOfSymbol.set(symbol, (keys = new Set()))
      keys.add(key)
    }
  }

  /** The number that a symbol must be, if there is only one. */
  known(value: Value): bigint | null {
    const domain = this.domains.get(keyOf(value))
    return domain === undefined ? null : single(domain)
  }

  /** Whether anything is known about a symbol (`s1`, `p1`). */
  mentions(symbol: string): boolean {
    return this.keysOfSymbol.has(symbol)
  }

  /** What is known about a symbol, as pairs of an expression's key and its numbers. */
  about(symbol: string): readonly (readonly [key: string, numbers: string])[] {
    return [...(this.keysOfSymbol.get(symbol) ?? [])].map((key) => [
      key,
      (this.domains.get(key) ?? []).map(([low, high]) => `${low}-${high}`).join(),
    ])
  }
}
