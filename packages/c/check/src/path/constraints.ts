// SPDX-License-Identifier: GPL-2.0-only
import { fullSet, intersection, single, type IntervalSet } from '../value/intervals.ts'
import { keyOf, symbolsOf, type Value } from '../value/value.ts'

/**
 * The facts that a path has learned about unknown values: the possible numbers of each symbol, and of each expression
 * that cannot be decomposed. There is no solver. Relations between two unknown values are kept as one-bit expressions.
 */
export class Constraints {
  private readonly facts = new Map<string, Fact>()
  private readonly factsOfSymbol = new Map<string, Set<Fact>>()

  /** The numbers that a value can have. */
  domain(value: Value, bits: number): IntervalSet {
    return this.facts.get(keyOf(value))?.numbers ?? fullSet(bits)
  }

  /** Restricts a value to the numbers of a set. */
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

  /** The number that a value must have; null if several are possible. */
  known(value: Value): bigint | null {
    const fact = this.facts.get(keyOf(value))
    return fact === undefined ? null : single(fact.numbers)
  }

  /** True if there are facts about a symbol (`s1`, `p1`). */
  mentions(symbol: string): boolean {
    return this.factsOfSymbol.has(symbol)
  }

  /** The facts about a symbol. */
  about(symbol: string): Iterable<Readonly<Fact>> {
    return this.factsOfSymbol.get(symbol) ?? []
  }
}

/** The possible numbers of a value. */
interface Fact {
  readonly value: Value
  numbers: IntervalSet
}
