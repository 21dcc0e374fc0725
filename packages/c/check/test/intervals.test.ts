// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  complement,
  contains,
  exchanged,
  fullSet,
  intersection,
  satisfying,
  setOf,
  shiftedBack,
  single,
  type IntervalSet,
} from '../src/value/intervals.ts'

const bits = 8
const number = fc.bigInt({ min: 0n, max: 255n })
const set = fc
  .array(fc.tuple(number, number), { maxLength: 6 })
  .map((pairs) => setOf(pairs.map(([a, b]): readonly [bigint, bigint] => (a < b ? [a, b] : [b, a]))))
const predicates = ['eq', 'ne', 'ult', 'ule', 'ugt', 'uge', 'slt', 'sle', 'sgt', 'sge'] as const

const all = Array.from({ length: 256 }, (_, i) => BigInt(i))
const members = (given: IntervalSet): bigint[] => all.filter((value) => contains(given, value))

function holds(predicate: (typeof predicates)[number], left: bigint, right: bigint): boolean {
  const signed = predicate.startsWith('s')
  const [a, b] = signed ? [BigInt.asIntN(bits, left), BigInt.asIntN(bits, right)] : [left, right]
  switch (predicate.slice(-2)) {
    case 'eq':
      return a === b
    case 'ne':
      return a !== b
    case 'lt':
      return a < b
    case 'le':
      return a <= b
    case 'gt':
      return a > b
    default:
      return a >= b
  }
}

describe('sets of intervals', () => {
  it('intersect like sets of numbers', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        expect(members(intersection(a, b))).toEqual(members(a).filter((value) => contains(b, value)))
      }),
    )
  })

  it('have all other numbers as their complement', () => {
    fc.assert(
      fc.property(set, (a) => {
        expect(members(complement(a, bits))).toEqual(all.filter((value) => !contains(a, value)))
        expect(complement(complement(a, bits), bits)).toEqual(a)
      }),
    )
  })

  it('are shifted back modulo the width', () => {
    fc.assert(
      fc.property(set, number, (a, addend) => {
        const expected = all.filter((value) => contains(a, BigInt.asUintN(bits, value + addend)))
        expect(members(shiftedBack(a, addend, bits))).toEqual(expected)
      }),
    )
  })

  it('hold the numbers that satisfy a comparison, signed or unsigned', () => {
    fc.assert(
      fc.property(fc.constantFrom(...predicates), number, (predicate, constant) => {
        const expected = all.filter((value) => holds(predicate, value, constant))
        expect(members(satisfying(predicate, constant, bits))).toEqual(expected)
      }),
    )
  })

  it('exchange the sides of a comparison', () => {
    fc.assert(
      fc.property(fc.constantFrom(...predicates), number, number, (predicate, a, b) => {
        expect(holds(exchanged[predicate], b, a)).toBe(holds(predicate, a, b))
      }),
    )
  })

  it('return their only number', () => {
    expect(single([[7n, 7n]])).toBe(7n)
    expect(single([[7n, 8n]])).toBeNull()
    expect(single([])).toBeNull()
    expect(single(fullSet(bits))).toBeNull()
  })
})
