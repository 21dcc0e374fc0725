// SPDX-License-Identifier: GPL-2.0-only
import { fullSet, intersection, single, type IntervalSet } from '../value/intervals.ts'
import { keyOf, symbolsOf, type Value } from '../value/value.ts'

/**
 * What a path has learnt about unknown values: for each symbol, and each expression that cannot be taken apart, the
 * numbers that it may be. There is no solver: relations between two unknowns are kept as expressions of one bit.
 */
export class Constraints {
  private readonly facts = new Map<string, Fact>()
  private readonly factsOfSymbol = new Map<string, Set<Fact>>()

  /** The numbers that a value may be. */
  domain(value: Value, bits: number): IntervalSet {
    return this.facts.get(keyOf(value))?.numbers ?? fullSet(bits)
  }

  /** Leaves only numbers of the set. */
  restrict(value: Value, bits: number, set: IntervalSet): void {
    const key = keyOf(value)
    const known = this.facts.get(key)
    if (known !== undefined) {
      known.numbers = intersection(known.numbers, set)
      return
    }
    const fact: Fact = { value, numbers: intersection(fullSet(bits), set) }
    this.facts.set(key, fact)
    for (const symbol of symbolsOf(value)) {
      let facts = this.factsOfSymbol.get(symbol)
      if (facts === undefined) this.factsOfSymbol.set(symbol, (facts = new Set()))
      facts.add(fact)
    }
  }

  /** The number that a value must be, if there is only one. */
  known(value: Value): bigint | null {
    const fact = this.facts.get(keyOf(value))
    return fact === undefined ? null : single(fact.numbers)
  }

  /** Whether anything is known about a symbol (`s1`, `p1`). */
  mentions(symbol: string): boolean {
    return this.factsOfSymbol.has(symbol)
  }

  /** What is known about a symbol. */
  about(symbol: string): Iterable<Readonly<Fact>> {
    return this.factsOfSymbol.get(symbol) ?? []
  }
}

/** The numbers that a value may be. */
interface Fact {
  readonly value: Value
  numbers: IntervalSet
}
